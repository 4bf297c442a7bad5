/** Where the map is looking: a centre in map units and a zoom relative to "everything fits". */

/** @import { Area, Point } from "./types.js" */

/** @typedef {{x: number, y: number, zoom: number}} Look where a view is looking */

const MARGIN = 1.08; // leaves air between the outermost points and the frame
const TOOLS = 44; // pixels at the top where the tools lie: no point is behind them at first
const MIN_ZOOM = 0.7; // all points fill half of the frame
const LEAST_MAX_ZOOM = 4; // of a few points that are far apart
const MAX_ZOOM = 2000; // beyond it 32 bits place no point right
const APART = 96; // pixels, a photo: when near points are so far apart, there is no more to see

export class View {
  home = { x: 0, y: 0 };
  span = { x: 1, y: 1 };
  x = 0;
  y = 0;
  zoom = 1;

  constructor() {
    this.width = 1;
    this.height = 1;
    this.closeness = 0; // how near to one another near points are, in map units; 0: not known yet
    this.setBounds({ minX: -1, maxX: 1, minY: -1, maxY: 1 });
    this.reset();
  }

  /** @param {Area} bounds of all points */
  setBounds(bounds) {
    this.home = { x: (bounds.minX + bounds.maxX) / 2, y: (bounds.minY + bounds.maxY) / 2 };
    this.span = {
      x: (bounds.maxX - bounds.minX || 1) * MARGIN,
      y: (bounds.maxY - bounds.minY || 1) * MARGIN,
    };
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  /** Screen pixels per map unit, the same in both directions. */
  get scale() {
    return this.zoom * this.#fit;
  }

  /** The scale at which everything fits. */
  get #fit() {
    const height = Math.max(1, this.height - TOOLS);
    return Math.min(this.width / this.span.x, height / this.span.y);
  }

  get #maxZoom() {
    if (!this.closeness) return MAX_ZOOM;
    return between(LEAST_MAX_ZOOM, APART / (this.closeness * this.#fit), MAX_ZOOM);
  }

  /** The pixel, from the top, of the centre. */
  get middle() {
    return (this.height + TOOLS) / 2;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Point} pixels from the top left
   */
  toScreen(x, y) {
    const scale = this.scale;
    return [(x - this.x) * scale + this.width / 2, this.middle - (y - this.y) * scale];
  }

  /**
   * @param {number} left
   * @param {number} top
   * @returns {Point} map units
   */
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

  /**
   * @param {number} pixelsX
   * @param {number} pixelsY
   */
  panBy(pixelsX, pixelsY) {
    this.x -= pixelsX / this.scale;
    this.y += pixelsY / this.scale;
    this.#stayNear();
  }

  /** The centre never leaves the rectangle of all points, so that nobody loses them. */
  #stayNear() {
    const { home, span } = this;
    this.x = between(home.x - span.x / 2, this.x, home.x + span.x / 2);
    this.y = between(home.y - span.y / 2, this.y, home.y + span.y / 2);
  }

  /**
   * Zooms by `factor`, keeping what is under the given pixel where it is.
   * @param {number} left
   * @param {number} top
   * @param {number} factor
   */
  zoomAt(left, top, factor) {
    const before = this.toWorld(left, top);
    this.zoom = between(MIN_ZOOM, this.zoom * factor, this.#maxZoom);
    const after = this.toWorld(left, top);
    this.x += before[0] - after[0];
    this.y += before[1] - after[1];
    this.#stayNear();
  }

  reset() {
    this.restore({ ...this.home, zoom: 1 });
  }

  /** @param {Look} look */
  restore({ x, y, zoom }) {
    this.x = x;
    this.y = y;
    this.zoom = zoom;
  }

  state() {
    return { x: this.x, y: this.y, zoom: this.zoom };
  }
}

/**
 * @param {number} low
 * @param {number} value
 * @param {number} high
 */
const between = (low, value, high) => Math.max(low, Math.min(high, value));
