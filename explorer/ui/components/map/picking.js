/** A uniform grid over the points: which rows are near a pixel, which lie in a rectangle. */

/** @import { Area } from "./types.js" */
/** @import { View } from "./view.js" */

const POINTS_PER_CELL = 4;
const MAX_SIDE = 1024;
const SAMPLED = 2000; // points whose nearest one is looked for, to know how close points are
const LOOKED_AT = 20_000_000; // points, until that is given up: many may stand at one place
const CLOSE_ONES = 0.05; // this part of the points may stand closer

/**
 * The smallest rectangle that holds all finite points.
 * @param {Float32Array} x
 * @param {Float32Array} y
 */
export function boundsOf(x, y) {
  let minX = Infinity;
  let maxX = -Infinity;
  let minY = Infinity;
  let maxY = -Infinity;
  for (let row = 0; row < x.length; row++) {
    const px = x[row];
    const py = y[row];
    if (px < minX) minX = px;
    if (px > maxX) maxX = px;
    if (py < minY) minY = py;
    if (py > maxY) maxY = py;
  }
  return minX <= maxX ? { minX, maxX, minY, maxY } : { minX: -1, maxX: 1, minY: -1, maxY: 1 };
}

export class Grid {
  /**
   * @param {Float32Array} x
   * @param {Float32Array} y  rows with a coordinate that is not a number are never found
   * @param {Area} bounds
   */
  constructor(x, y, bounds) {
    this.x = x;
    this.y = y;
    this.bounds = bounds;
    this.side = Math.max(1, Math.min(MAX_SIDE, Math.ceil(Math.sqrt(x.length / POINTS_PER_CELL))));
    this.perX = this.side / (bounds.maxX - bounds.minX || 1);
    this.perY = this.side / (bounds.maxY - bounds.minY || 1);
    this.looked = 0;
    this.start = new Uint32Array(this.side * this.side + 2); // first entry of each cell
    this.rows = new Uint32Array(x.length); // in the order of their cells
    this.#countingSort();
  }

  /** Fills `start` and `rows`. */
  #countingSort() {
    const { x, y, side } = this;
    const total = x.length;
    const cells = side * side;
    const cellOf = new Uint32Array(total);
    for (let row = 0; row < total; row++) {
      const placed = Number.isFinite(x[row]) && Number.isFinite(y[row]);
      const cell = placed ? this.#line(y[row]) * side + this.#column(x[row]) : cells;
      cellOf[row] = cell;
      this.start[cell + 1]++;
    }
    for (let cell = 0; cell <= cells; cell++) this.start[cell + 1] += this.start[cell];
    const next = this.start.slice();
    for (let row = 0; row < total; row++) this.rows[next[cellOf[row]]++] = row;
  }

  /** @param {number} x */
  #column(x) {
    return Math.max(0, Math.min(this.side - 1, ((x - this.bounds.minX) * this.perX) | 0));
  }

  /** @param {number} y */
  #line(y) {
    return Math.max(0, Math.min(this.side - 1, ((y - this.bounds.minY) * this.perY) | 0));
  }

  /** @param {Area} area */
  #misses(area) {
    const { bounds } = this;
    return (
      area.maxX < bounds.minX ||
      area.minX > bounds.maxX ||
      area.maxY < bounds.minY ||
      area.minY > bounds.maxY
    );
  }

  /**
   * Calls `visit` for each run of `rows` whose cells touch the area.
   * @param {Area} area
   * @param {(from: number, to: number, line: number) => void} visit
   */
  runs(area, visit) {
    if (this.#misses(area)) return;
    const first = this.#column(area.minX);
    const last = this.#column(area.maxX);
    for (let line = this.#line(area.minY); line <= this.#line(area.maxY); line++) {
      visit(this.start[line * this.side + first], this.start[line * this.side + last + 1], line);
    }
  }

  /**
   * How many rows at most lie in the area (whole cells are counted).
   * @param {Area} area
   */
  count(area) {
    let total = 0;
    this.runs(area, (from, to) => {
      total += to - from;
    });
    return total;
  }

  /**
   * The rows in the area, exactly.
   * @param {Area} area
   * @param {(row: number) => boolean} accept
   */
  rowsIn(area, accept) {
    /** @type {number[]} */
    const found = [];
    this.runs(area, (from, to) => {
      for (let entry = from; entry < to; entry++) {
        const row = this.rows[entry];
        const px = this.x[row];
        const py = this.y[row];
        if (px < area.minX || px > area.maxX || py < area.minY || py > area.maxY) continue;
        if (accept(row)) found.push(row);
      }
    });
    return found;
  }

  /**
   * The accepted row nearest to a pixel, or -1 when none is within `radius` pixels.
   * @param {View} view
   * @param {number} left
   * @param {number} top
   * @param {number} radius
   * @param {(row: number) => boolean} accept
   */
  nearest(view, left, top, radius, accept) {
    const [minX, maxY] = view.toWorld(left - radius, top - radius);
    const [maxX, minY] = view.toWorld(left + radius, top + radius);
    const [centerX, centerY] = view.toWorld(left, top);
    let best = -1;
    let closest = (radius / view.scale) ** 2;
    this.runs({ minX, maxX, minY, maxY }, (from, to) => {
      for (let entry = from; entry < to; entry++) {
        const row = this.rows[entry];
        const distance = (this.x[row] - centerX) ** 2 + (this.y[row] - centerY) ** 2;
        if (distance <= closest && accept(row)) {
          closest = distance;
          best = row;
        }
      }
    });
    return best;
  }

  /** How far points that are close together are apart, in map units; 0 when all are at one place. */
  closeness() {
    const step = Math.max(1, Math.ceil(this.x.length / SAMPLED));
    /** @type {number[]} */
    const gaps = [];
    this.looked = 0;
    for (let row = 0; row < this.x.length && this.looked < LOOKED_AT; row += step) {
      const gap = this.#gap(this.x[row], this.y[row]);
      if (gap < Infinity) gaps.push(gap);
    }
    gaps.sort((one, other) => one - other);
    return gaps.length ? gaps[Math.floor(CLOSE_ONES * gaps.length)] : 0;
  }

  /**
   * The distance to the nearest other place at which a point stands.
   * @param {number} x
   * @param {number} y
   */
  #gap(x, y) {
    const whole = Math.max(this.side / this.perX, this.side / this.perY);
    let closest = Infinity;
    for (let reach = whole / this.side; closest > reach ** 2 && reach < 2 * whole; reach *= 2) {
      this.runs(
        { minX: x - reach, maxX: x + reach, minY: y - reach, maxY: y + reach },
        (from, to) => {
          this.looked += to - from;
          for (let entry = from; entry < to; entry++) {
            const row = this.rows[entry];
            const distance = (this.x[row] - x) ** 2 + (this.y[row] - y) ** 2;
            if (distance > 0 && distance < closest) closest = distance;
          }
        },
      );
    }
    return Math.sqrt(closest);
  }
}
