/** Which points lie inside a drawn loop. */

import { emptyBits, setBit } from "./bits.js";

/** @import { Grid } from "./picking.js" */
/** @import { Area, Point } from "./types.js" */

/**
 * @param {Point[]} loop
 * @returns {Area}
 */
const areaOf = (loop) => ({
  minX: Math.min(...loop.map((corner) => corner[0])),
  maxX: Math.max(...loop.map((corner) => corner[0])),
  minY: Math.min(...loop.map((corner) => corner[1])),
  maxY: Math.max(...loop.map((corner) => corner[1])),
});

/**
 * The even-odd rule, exactly. The grid hands over the points line by line, and only the few edges that
 * cross a line's band need looking at for its points: a million points take some ten milliseconds.
 *
 * @param {Grid} grid
 * @param {Point[]} loop corners in map units; the last joins the first
 * @param {(row: number) => boolean} accept
 * @returns {{bits: Uint8Array, count: number}}
 */
export function rowsInside(grid, loop, accept) {
  const bits = emptyBits(grid.x.length);
  let count = 0;
  const edges = loop.map((corner, at) => [...corner, ...loop[(at + 1) % loop.length]]);
  const bandHeight = 1 / grid.perY;
  grid.runs(areaOf(loop), (from, to, line) => {
    // Rounding may put a point a hair outside its band: look at the neighbouring bands' edges too.
    const bottom = grid.bounds.minY + (line - 1) * bandHeight;
    const top = bottom + 3 * bandHeight;
    const near = Float64Array.from(
      edges
        .filter(
          ([, startY, , endY]) => Math.min(startY, endY) <= top && Math.max(startY, endY) >= bottom,
        )
        .flat(),
    );
    for (let entry = from; entry < to; entry++) {
      const row = grid.rows[entry];
      if (isInside(near, grid.x[row], grid.y[row]) && accept(row)) {
        setBit(bits, row);
        count++;
      }
    }
  });
  return { bits, count };
}

/**
 * Is the number of edges to the right of the point odd?
 * @param {Float64Array} edges start x, start y, end x, end y, …
 * @param {number} x
 * @param {number} y
 */
function isInside(edges, x, y) {
  let inside = false;
  for (let at = 0; at < edges.length; at += 4) {
    const startY = edges[at + 1];
    const endY = edges[at + 3];
    if (startY > y === endY > y) continue;
    const crossing = ((edges[at + 2] - edges[at]) * (y - startY)) / (endY - startY) + edges[at];
    if (x < crossing) inside = !inside;
  }
  return inside;
}
