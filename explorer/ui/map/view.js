/** Where the map is looking: a centre in map units and a zoom relative to "everything fits". */

const MARGIN = 1.08; // leaves air between the outermost points and the frame
const TOOLS = 44; // pixels at the top where the tools lie: no point is behind them at first
const MIN_ZOOM = 0.5;
const MAX_ZOOM = 2000;

export class View {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.setBounds({ minX: -1, maxX: 1, minY: -1, maxY: 1 });
    this.reset();
  }

  /** @param {{minX: number, maxX: number, minY: number, maxY: number}} bounds of all points */
  setBounds(bounds) {
    this.home = { x: (bounds.minX + bounds.maxX) / 2, y: (bounds.minY + bounds.maxY) / 2 };
    this.span = {
      x: (bounds.maxX - bounds.minX || 1) * MARGIN,
      y: (bounds.maxY - bounds.minY || 1) * MARGIN,
    };
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** Screen pixels per map unit, the same in both directions. */
  get scale() {
    const height = Math.max(1, this.height - TOOLS);
    return this.zoom * Math.min(this.width / this.span.x, height / this.span.y);
  }

  /** The pixel, from the top, of the centre. */
  get middle() {
    return (this.height + TOOLS) / 2;
  }

  toScreen(x, y) {
    const scale = this.scale;
    return [(x - this.x) * scale + this.width / 2, this.middle - (y - this.y) * scale];
  }

  toWorld(left, top) {
    const scale = this.scale;
    return [this.x + (left - this.width / 2) / scale, this.y + (this.middle - top) / scale];
  }

  /** The map rectangle behind the frame, widened by `margin` pixels on every side. */
  visible(margin = 0) {
    const [minX, maxY] = this.toWorld(-margin, -margin);
    const [maxX, minY] = this.toWorld(this.width + margin, this.height + margin);
    return { minX, maxX, minY, maxY };
  }

  panBy(pixelsX, pixelsY) {
    this.x -= pixelsX / this.scale;
    this.y += pixelsY / this.scale;
  }

  /** Zooms by `factor`, keeping what is under the given pixel where it is. */
  zoomAt(left, top, factor) {
    const before = this.toWorld(left, top);
    this.zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, this.zoom * factor));
    const after = this.toWorld(left, top);
    this.x += before[0] - after[0];
    this.y += before[1] - after[1];
  }

  reset() {
    this.restore({ ...this.home, zoom: 1 });
  }

  restore({ x, y, zoom }) {
    this.x = x;
    this.y = y;
    this.zoom = zoom;
  }

  state() {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }
}
