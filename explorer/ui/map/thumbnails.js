/** Zoomed in far enough, points become photos: as many as fit without covering one another. */

const MOST_POINTS = 800; // in view; above this they stay points
const MOST_KEPT = 1500; // images in memory
const SMALLEST = 32;
const LARGEST = 112;
const REST = 60; // ms without movement before photos are asked for

export class ThumbnailLayer {
  /** @param {() => void} repaint called when photos have arrived */
  constructor(repaint) {
    this.repaint = repaint;
    this.enabled = true;
    this.images = new Map(); // url -> HTMLImageElement, least recently drawn first
    this.side = SMALLEST;
    this.sizedFor = null;
    this.timer = 0;
    this.placed = [];
  }

  /**
   * @param {import("./picking.js").Grid} grid
   * @param {(row: number) => boolean} accept
   */
  arrange(view, grid, accept) {
    this.placed = [];
    const area = view.visible(LARGEST / 2);
    if (!this.enabled || grid.count(area) > 2 * MOST_POINTS) return;
    const rows = grid.rowsIn(area, accept);
    if (rows.length > MOST_POINTS) return;
    this.#chooseSide(view, rows.length);
    this.placed = this.#spread(view, grid, rows);
  }

  /** The size follows the zoom and stays while panning, or photos would breathe. */
  #chooseSide(view, visible) {
    const sizedFor = `${view.zoom} ${view.width} ${view.height} ${this.enabled}`;
    if (this.sizedFor === sizedFor) return;
    this.sizedFor = sizedFor;
    const room = 0.62 * Math.sqrt((view.width * view.height) / Math.max(1, visible));
    this.side = Math.round(Math.max(SMALLEST, Math.min(LARGEST, room)) / 4) * 4;
  }

  /** Takes rows by a fixed rank and drops any that would cover one taken before. */
  #spread(view, grid, rows) {
    const taken = new Map();
    const placed = [];
    const gap = this.side + 2;
    const rank = (row) => Math.imul(row + 1, 2654435761) >>> 0;
    rows.sort((one, other) => rank(one) - rank(other));
    for (const row of rows) {
      const [x, y] = view.toScreen(grid.x[row], grid.y[row]);
      const column = Math.floor(x / gap);
      const line = Math.floor(y / gap);
      if (near(taken, column, line).some((at) => Math.abs(at.x - x) < gap && Math.abs(at.y - y) < gap)) {
        continue;
      }
      const spot = { row, x, y };
      taken.set(`${column},${line}`, spot); // no two can share a cell: it is one photo wide
      placed.push(spot);
    }
    return placed;
  }

  /**
   * @param {(row: number) => string} urlOf
   * @param {(row: number) => {colour: string, dimmed: boolean}} lookOf
   */
  draw(pen, theme, urlOf, lookOf) {
    const wanted = [];
    for (const spot of this.placed) {
      const { row, x, y } = spot;
      const url = urlOf(row);
      const image = this.images.get(url);
      if (!image) wanted.push(url);
      if (!image?.complete || !image.naturalWidth) continue;
      this.images.delete(url);
      this.images.set(url, image);
      spot.drawn = true;
      this.#drawOne(pen, theme, image, x, y, lookOf(row));
    }
    this.#askFor(wanted);
  }

  #drawOne(pen, theme, image, x, y, { colour, dimmed }) {
    const left = Math.round(x - this.side / 2);
    const top = Math.round(y - this.side / 2);
    const square = Math.min(image.naturalWidth, image.naturalHeight);
    const cutX = (image.naturalWidth - square) / 2;
    const cutY = (image.naturalHeight - square) / 2;
    pen.globalAlpha = dimmed ? 0.25 : 1;
    pen.fillStyle = theme.background;
    pen.fillRect(left - 3, top - 3, this.side + 6, this.side + 6);
    pen.fillStyle = colour;
    pen.fillRect(left - 2, top - 2, this.side + 4, this.side + 4);
    pen.drawImage(image, cutX, cutY, square, square, left, top, this.side, this.side);
    pen.globalAlpha = 1;
  }

  #askFor(urls) {
    clearTimeout(this.timer);
    if (!urls.length) return;
    this.timer = setTimeout(() => {
      for (const url of urls) {
        const image = new Image();
        image.onload = () => this.repaint();
        image.src = url;
        this.images.set(url, image);
      }
      for (const url of this.images.keys()) {
        if (this.images.size <= MOST_KEPT) break;
        this.images.delete(url);
      }
    }, REST);
  }

  /** The photo under a pixel, or -1: photos are larger than the points they stand for. */
  rowAt(left, top) {
    const half = this.side / 2;
    const hit = this.placed.find(
      (spot) =>
        spot.drawn && Math.abs(spot.x - left) <= half && Math.abs(spot.y - top) <= half,
    );
    return hit ? hit.row : -1;
  }
}

function near(taken, column, line) {
  const found = [];
  for (let dx = -1; dx <= 1; dx++) {
    for (let dy = -1; dy <= 1; dy++) {
      const spot = taken.get(`${column + dx},${line + dy}`);
      if (spot) found.push(spot);
    }
  }
  return found;
}
