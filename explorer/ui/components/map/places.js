/**
 * Where the points are, and how they get there: a flat layout, one in space that is turned before
 * the eye, and the glide from one layout to the next, so that people see what has moved.
 */

import { Orbit } from "./orbit.js";

const GLIDE = 900; // ms
const MOST_GLIDING = 300_000; // points; more would stutter
const REST = 120; // ms without turning until points can be picked again

/** @import { Renderer } from "./renderer.js" */
/** @import { Look, View } from "./view.js" */

/** @typedef {{x: Float32Array, y: Float32Array}} Flat map units, by row */

/** @typedef {Flat & {z: Float32Array | null, ids: Int32Array}} Layout */

/** @typedef {Pick<Renderer, "view" | "x" | "y" | "setPoints" | "movePoints" | "buildGrid">} Stage */

export class Places {
  /** @param {Stage} renderer */
  constructor(renderer) {
    this.renderer = renderer;
    /** @type {Layout | null} */
    this.layout = null;
    /** @type {Orbit | null} */
    this.orbit = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** Resolves when the points are at their places. */
    this.rest = Promise.resolve();
    this.motion = 0; // counts up: a glide ends when another one begins
  }

  /**
   * Takes a new layout. Images that are on the map already glide to their new places.
   *
   * @param {Layout} layout
   * @param {Look | undefined} look where this map was looking before
   */
  arrive(layout, look) {
    const { renderer } = this;
    this.motion++;
    const before = this.layout && { ids: this.layout.ids, ...onScreen(renderer) };
    this.layout = layout;
    this.orbit = layout.z && new Orbit(layout.x, layout.y, layout.z);
    const { x, y } = this.orbit ? this.orbit.project() : layout;
    renderer.setPoints(x, y, this.orbit?.bounds);
    if (look) renderer.view.restore(look);
    if (before && glides(x.length)) {
      this.rest = this.#glide(startOf(before, layout.ids, { x, y }, renderer.view), { x, y });
    }
  }

  /**
   * Turns a layout in space by a drag of so many pixels.
   * @param {number} pixelsX
   * @param {number} pixelsY
   */
  turn(pixelsX, pixelsY) {
    if (!this.orbit) return;
    this.motion++;
    this.orbit.turn(pixelsX, pixelsY);
    const { x, y } = this.orbit.project();
    this.renderer.movePoints(x, y);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renderer.buildGrid(), REST);
  }

  /**
   * @param {Flat} from
   * @param {Flat} to
   */
  async #glide(from, to) {
    const { renderer, motion } = this;
    const x = from.x.slice();
    const y = from.y.slice();
    const started = performance.now();
    for (let part = 0; part < 1; part = Math.min(1, (performance.now() - started) / GLIDE)) {
      const share = part * part * (3 - 2 * part); // slow, fast, slow
      for (let row = 0; row < x.length; row++) {
        x[row] = from.x[row] + share * (to.x[row] - from.x[row]);
        y[row] = from.y[row] + share * (to.y[row] - from.y[row]);
      }
      renderer.movePoints(x, y);
      await new Promise(requestAnimationFrame);
      if (motion !== this.motion) return;
    }
    renderer.movePoints(to.x, to.y);
  }
}

/** @param {number} points how many */
const glides = (points) =>
  points <= MOST_GLIDING && !window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * All points in pixels, as they stand now.
 * @param {Stage} renderer
 */
function onScreen({ x, y, view }) {
  const left = new Float32Array(x.length);
  const top = new Float32Array(x.length);
  for (let row = 0; row < x.length; row++) [left[row], top[row]] = view.toScreen(x[row], y[row]);
  return { left, top };
}

/**
 * Where each image of the new layout stood before, in the new map's units; or where it will be.
 * @param {{ids: Int32Array, left: Float32Array, top: Float32Array}} before pixels
 * @param {Int32Array} ids
 * @param {Flat} to
 * @param {View} view
 * @returns {Flat}
 */
function startOf(before, ids, to, view) {
  const rowOf = new Map();
  before.ids.forEach((id, row) => {
    rowOf.set(id, row);
  });
  const x = to.x.slice();
  const y = to.y.slice();
  ids.forEach((id, row) => {
    const was = rowOf.get(id);
    if (was !== undefined) [x[row], y[row]] = view.toWorld(before.left[was], before.top[was]);
  });
  return { x, y };
}
