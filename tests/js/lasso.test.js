import assert from "node:assert/strict";
import { test } from "node:test";
import { hasBit } from "../../explorer/ui/components/map/bits.js";
import { rowsInside } from "../../explorer/ui/components/map/lasso.js";
import { boundsOf, Grid } from "../../explorer/ui/components/map/picking.js";
import { CLOUDS, chance, cloud, SEEDS } from "./chance.js";

const all = () => true;

/** @import { Point } from "../../explorer/ui/components/map/types.js" */

/**
 * @param {Float32Array} x
 * @param {Float32Array} y
 */
const gridOf = (x, y) => new Grid(x, y, boundsOf(x, y));

/**
 * @param {{bits: Uint8Array}} found
 * @param {number} n
 */
const rowsOf = ({ bits }, n) =>
  Array.from({ length: n }, (_, row) => row).filter((row) => hasBit(bits, row));

/**
 * The even-odd rule, slowly, and with a ray that goes up where lasso.js has one to the right.
 * @param {Point[]} loop
 * @param {number} x
 * @param {number} y
 */
function isInside(loop, x, y) {
  const crossed = loop.filter(([x1, y1], at) => {
    const [x2, y2] = loop[(at + 1) % loop.length];
    return x1 > x !== x2 > x && y1 + ((x - x1) / (x2 - x1)) * (y2 - y1) > y;
  });
  return crossed.length % 2 === 1;
}

test("a lasso takes what the even-odd rule says, however it crosses itself", () => {
  let [inside, outside] = [0, 0];
  for (const sort of ["everywhere", "crowded"]) {
    for (const seed of SEEDS) {
      const random = chance(seed);
      const { x, y } = cloud(random, 500, sort);
      const { minX, maxX, minY, maxY } = boundsOf(x, y);
      /** @returns {Point} */
      const corner = () => [random.between(minX, maxX), random.between(minY, maxY)];
      const loop = Array.from({ length: 3 + random.below(30) }, corner);
      const found = rowsInside(gridOf(x, y), loop, all);
      const wanted = [...x.keys()].filter((row) => isInside(loop, x[row], y[row]));
      assert.deepEqual(rowsOf(found, 500), wanted, `${sort}, seed ${seed}`);
      assert.equal(found.count, wanted.length);
      inside += wanted.length;
      outside += 500 - wanted.length;
    }
  }
  assert.ok(inside > 2000 && outside > 2000, "loops that take all or nothing tell nothing");
});

test("the middle of a star that is drawn in one go is outside", () => {
  /** @type {(at: number) => Point} */
  const corner = (at) => [Math.sin((at * 4 * Math.PI) / 5), Math.cos((at * 4 * Math.PI) / 5)];
  const star = [0, 1, 2, 3, 4].map(corner);
  const [x, y] = [Float32Array.of(0, 0, 5), Float32Array.of(0, 0.8, 5)];
  assert.deepEqual(rowsOf(rowsInside(gridOf(x, y), star, all), 3), [1]);
});

test("a lasso beside the points takes none, one around them all that are accepted", () => {
  for (const sort of Object.keys(CLOUDS)) {
    const { x, y } = cloud(chance(3), 200, sort);
    x[7] = Number.NaN;
    /** @type {(middle: number) => Point[]} */
    const square = (middle) => [
      [middle - 99, -99],
      [middle + 99, -99],
      [middle + 99, 99],
      [middle - 99, 99],
    ];
    const grid = gridOf(x, y);
    assert.equal(rowsInside(grid, square(1000), all).count, 0, sort);
    assert.equal(rowsInside(grid, square(0), all).count, 199, sort);
    assert.equal(rowsInside(grid, square(0), (row) => row < 10).count, 9, sort);
  }
});
