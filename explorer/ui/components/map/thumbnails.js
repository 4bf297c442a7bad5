/** Zoomed in far enough, points become photos: as many as fit without covering one another. */

/** @import { Theme } from "./overlay.js" */
/** @import { Grid } from "./picking.js" */
/** @import { View } from "./view.js" */

/** @typedef {{row: number, x: number, y: number, drawn?: boolean}} Spot pixels */

const MOST_POINTS = 800; // in view; above this they stay points
const MOST_KEPT = 1500; // images in memory
const SMALLEST = 40; // pixels
const LARGEST = 96;
const MOST_HIDDEN = 2; // points that a photo may cover besides its own: crowds stay points
const NEAR = 1.5; // zoom from which single photos may stand among points
const ENOUGH = 0.5; // before that, at least this part of the points must find room
const REST = 60; // ms without movement before photos are asked for

export class ThumbnailLayer {
  /** @param {() => void} repaint called when photos have arrived */
  constructor(repaint) {
    this.repaint = repaint;
    this.enabled = true;
    /** @type {Map<string, HTMLImageElement>} by URL, least recently drawn first */
    this.images = new Map();
    this.side = LARGEST;
    this.sizedFor = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Spot[]} */
    this.placed = [];
  }

  /**
   * @param {View} view
   * @param {Grid} grid
   * @param {(row: number) => boolean} accept
   */
  arrange(view, grid, accept) {
    this.placed = [];
    if (!this.enabled) return;
    const rows = rowsInView(view, grid, accept);
    if (!rows.length) return;
    this.#chooseSide(view, rows.length);
    const placed = this.#spread(view, grid, rows);
    if (view.zoom >= NEAR || placed.length >= ENOUGH * rows.length) this.placed = placed;
  }

  /**
   * The size follows the zoom and stays while panning, or photos would breathe.
   * @param {View} view
   * @param {number} visible how many points
   */
  #chooseSide(view, visible) {
    const sizedFor = `${view.zoom} ${view.width} ${view.height}`;
    if (this.sizedFor === sizedFor) return;
    this.sizedFor = sizedFor;
    const room = 0.7 * Math.sqrt((view.width * view.height) / visible);
    this.side = Math.round(Math.max(SMALLEST, Math.min(LARGEST, room)) / 4) * 4;
  }

  /**
   * Takes rows by a fixed rank; drops any that would cover a photo taken before, or a crowd.
   * @param {View} view
   * @param {Grid} grid
   * @param {number[]} rows
   */
  #spread(view, grid, rows) {
    const gap = this.side + 4;
    const crowd = new Buckets(gap);
    for (const row of rows) {
      const [x, y] = view.toScreen(grid.x[row], grid.y[row]);
      crowd.add({ row, x, y });
    }
    /** @param {Spot} spot */
    const rank = ({ row }) => Math.imul(row + 1, 2654435761) >>> 0;
    const spots = crowd.all.sort((one, other) => rank(one) - rank(other));
    const placed = new Buckets(gap);
    for (const spot of spots) {
      const hidden = crowd.near(spot, this.side / 2).length - 1;
      if (hidden <= MOST_HIDDEN && !placed.near(spot, gap).length) placed.add(spot);
    }
    return placed.all;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Theme} theme
   * @param {(row: number) => string} urlOf
   * @param {(row: number) => {color: string, dimmed: boolean}} lookOf
   */
  draw(pen, theme, urlOf, lookOf) {
    const wanted = [];
    for (const spot of this.placed) {
      const url = urlOf(spot.row);
      const image = this.images.get(url);
      if (!image) wanted.push(url);
      if (!image?.complete || !image.naturalWidth) continue;
      this.images.delete(url);
      this.images.set(url, image);
      spot.drawn = true;
      this.#drawOne(pen, theme.background, image, spot, lookOf(spot.row));
    }
    this.#askFor(wanted);
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {string} background
   * @param {HTMLImageElement} image
   * @param {Spot} spot
   * @param {{color: string, dimmed: boolean}} look
   */
  #drawOne(pen, background, image, { x, y }, { color, dimmed }) {
    const left = Math.round(x - this.side / 2);
    const top = Math.round(y - this.side / 2);
    const square = Math.min(image.naturalWidth, image.naturalHeight);
    const cutX = (image.naturalWidth - square) / 2;
    const cutY = (image.naturalHeight - square) / 2;
    pen.globalAlpha = dimmed ? 0.25 : 1;
    pen.fillStyle = background;
    pen.fillRect(left - 3, top - 3, this.side + 6, this.side + 6);
    pen.fillStyle = color;
    pen.fillRect(left - 2, top - 2, this.side + 4, this.side + 4);
    pen.drawImage(image, cutX, cutY, square, square, left, top, this.side, this.side);
    pen.globalAlpha = 1;
  }

  /** @param {string[]} urls */
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

  /**
   * Is this row a photo at present?
   * @param {number} row
   */
  isDrawn(row) {
    return this.placed.some((spot) => spot.row === row && spot.drawn);
  }

  /**
   * The photo under a pixel, or -1: photos are larger than the points they stand for.
   * @param {number} left
   * @param {number} top
   */
  rowAt(left, top) {
    const half = this.side / 2;
    const hit = this.placed.find(
      (spot) => spot.drawn && Math.abs(spot.x - left) <= half && Math.abs(spot.y - top) <= half,
    );
    return hit ? hit.row : -1;
  }
}

/**
 * @param {View} view
 * @param {Grid} grid
 * @param {(row: number) => boolean} accept
 */
function rowsInView(view, grid, accept) {
  const area = view.visible(LARGEST / 2);
  if (grid.count(area) > 2 * MOST_POINTS) return []; // an upper bound, and quick
  const rows = grid.rowsIn(area, accept);
  return rows.length > MOST_POINTS ? [] : rows;
}

/** Spots on the screen in squares of one size, to find those near another. */
class Buckets {
  /** @param {number} size of a square, in pixels */
  constructor(size) {
    this.size = size;
    /** @type {Map<string, Spot[]>} */
    this.squares = new Map();
    /** @type {Spot[]} */
    this.all = [];
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #key(x, y) {
    return `${Math.floor(x / this.size)},${Math.floor(y / this.size)}`;
  }

  /** @param {Spot} spot */
  add(spot) {
    const key = this.#key(spot.x, spot.y);
    const square = this.squares.get(key);
    if (square) square.push(spot);
    else this.squares.set(key, [spot]);
    this.all.push(spot);
  }

  /**
   * Spots less than `reach` away in both directions.
   * @param {Spot} spot
   * @param {number} reach at most the size of a square
   */
  near({ x, y }, reach) {
    const found = [];
    for (const dx of [-this.size, 0, this.size]) {
      for (const dy of [-this.size, 0, this.size]) {
        for (const spot of this.squares.get(this.#key(x + dx, y + dy)) ?? []) {
          if (Math.abs(spot.x - x) < reach && Math.abs(spot.y - y) < reach) found.push(spot);
        }
      }
    }
    return found;
  }
}
