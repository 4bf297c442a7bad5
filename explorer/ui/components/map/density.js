/** Where most images lie, as a shade over the points: far out, points cover one another. */

import { make, penOf } from "../common/elements.js";

/** @import { Grid } from "./picking.js" */
/** @import { Renderer } from "./renderer.js" */
/** @import { Theme } from "./overlay.js" */

const SIDE = 160; // cells, at most
const FADES_FROM = 1.2; // zoom
const FADES_TO = 3;
const DARKEST = 0.75;

export class Density {
  /** On by itself only where there are many points. */
  static MANY = 100_000;

  constructor() {
    this.enabled = false;
    /** @type {HTMLCanvasElement | null} */
    this.picture = null;
    /** @type {Theme | null} that it was made for */
    this.theme = null;
  }

  /** The points have moved, or others are shown. */
  forget() {
    this.picture = null;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {Renderer} renderer
   */
  draw(pen, renderer) {
    const { view, grid, theme } = renderer;
    const fade = Math.min(1, Math.max(0, (FADES_TO - view.zoom) / (FADES_TO - FADES_FROM)));
    if (!this.enabled || !grid || fade === 0) return;
    if (this.theme !== theme) this.forget();
    this.theme = theme;
    this.picture ??= shade(grid, renderer.accepts, theme.text);
    const { minX, maxX, minY, maxY } = grid.bounds;
    const [left, top] = view.toScreen(minX, maxY);
    const [right, bottom] = view.toScreen(maxX, minY);
    pen.globalAlpha = fade;
    pen.imageSmoothingEnabled = true;
    pen.drawImage(this.picture, left, top, right - left, bottom - top);
    pen.globalAlpha = 1;
  }
}

/**
 * One pixel per cell, as opaque as the logarithm of how many accepted points are in it.
 * @param {Grid} grid
 * @param {(row: number) => boolean} accepts
 * @param {string} color
 */
function shade(grid, accepts, color) {
  const { x, y, bounds } = grid;
  const counts = new Float32Array(SIDE * SIDE);
  const perX = SIDE / (bounds.maxX - bounds.minX || 1);
  const perY = SIDE / (bounds.maxY - bounds.minY || 1);
  let most = 1;
  for (let row = 0; row < x.length; row++) {
    if (!accepts(row)) continue;
    const column = Math.min(SIDE - 1, Math.floor((x[row] - bounds.minX) * perX));
    const line = Math.min(SIDE - 1, Math.floor((bounds.maxY - y[row]) * perY));
    const count = ++counts[line * SIDE + column];
    if (count > most) most = count;
  }
  const canvas = make("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  const pen = penOf(canvas);
  pen.fillStyle = color;
  pen.fillRect(0, 0, SIDE, SIDE);
  const pixels = pen.getImageData(0, 0, SIDE, SIDE);
  counts.forEach((count, cell) => {
    pixels.data[4 * cell + 3] = (255 * DARKEST * Math.log1p(count)) / Math.log1p(most);
  });
  pen.putImageData(pixels, 0, 0);
  return canvas;
}
