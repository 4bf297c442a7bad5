import assert from "node:assert/strict";
import { test } from "node:test";
import { boundsOf, Grid } from "../../explorer/ui/components/map/picking.js";
import { View } from "../../explorer/ui/components/map/view.js";
import { CLOUDS, chance, cloud, SEEDS } from "./chance.js";

const all = () => true;
/** @import { Point } from "../../explorer/ui/components/map/types.js" */

/** @param {number} row */
const some = (row) => row % 3 !== 0;

/**
 * Points of which a few have no place, and a view of them, zoomed to somewhere.
 * @param {number} seed
 * @param {string} sort
 */
function scene(seed, sort) {
  const random = chance(seed);
  const { x, y } = cloud(random, 1 + random.below(400), sort);
  const places = boundsOf(x, y);
  for (let row = 1; row < x.length; row += 17) x[row] = Number.NaN;
  const grid = new Grid(x, y, boundsOf(x, y));
  const view = new View();
  view.resize(random.between(200, 900), random.between(200, 700));
  view.setBounds(places);
  view.reset();
  view.zoomAt(
    random.between(0, view.width),
    random.between(0, view.height),
    random.between(0.5, 40),
  );
  return { random, grid, view, x, y };
}

/** @typedef {ReturnType<typeof scene>} Scene */

/** @param {(at: Scene, name: string) => void} check */
function eachScene(check) {
  for (const sort of Object.keys(CLOUDS)) {
    for (const seed of SEEDS) check(scene(seed, sort), `${sort}, seed ${seed}`);
  }
}

/**
 * What a person would do: measure the distance to every point on the screen.
 * @param {Scene} at
 * @param {Point} pixel
 * @param {(row: number) => boolean} accept
 */
function nearestByHand({ x, y, view }, [left, top], accept) {
  let [best, closest] = [-1, Infinity];
  for (let row = 0; row < x.length; row++) {
    const [px, py] = view.toScreen(x[row], y[row]);
    const distance = Math.hypot(px - left, py - top);
    if (distance < closest && accept(row)) [best, closest] = [row, distance];
  }
  return [best, closest];
}

test("the nearest row is that of measuring every one", () => {
  let hits = 0;
  eachScene((at, name) => {
    const { random, grid, view, x, y } = at;
    for (let time = 0; time < 10; time++) {
      const aim = random.below(x.length);
      const near = view.toScreen(Number.isFinite(x[aim]) ? x[aim] : 0, y[aim]);
      /** @type {Point} */
      const place = [near[0] + random.between(-40, 40), near[1] + random.between(-40, 40)];
      const radius = random.between(2, 60);
      for (const accept of [all, some]) {
        const row = grid.nearest(view, ...place, radius, accept);
        const [wanted, closest] = nearestByHand(at, place, accept);
        if (Math.abs(closest - radius) < 1e-6) continue; // on the edge: either is right
        if (closest > radius) {
          assert.equal(row, -1, name);
          continue;
        }
        hits++;
        const [px, py] = view.toScreen(grid.x[row], grid.y[row]);
        assert.ok(accept(row), name); // of several at one place any will do
        const distance = Math.hypot(px - place[0], py - place[1]);
        assert.ok(Math.abs(distance - closest) < 1e-6, `${name}: ${row}, not ${wanted}`);
      }
    }
  });
  assert.ok(hits > 500, `only ${hits} were near enough to tell`);
});

test("the rows in a rectangle are those of looking at every one", () => {
  eachScene(({ random, grid, view, x, y }, name) => {
    const area = view.visible(random.between(-50, 50));
    /** @param {number} row */
    const inside = (row) =>
      x[row] >= area.minX && x[row] <= area.maxX && y[row] >= area.minY && y[row] <= area.maxY;
    const wanted = [...x.keys()].filter((row) => inside(row) && some(row));
    const found = grid.rowsIn(area, some).sort((one, other) => one - other);
    assert.deepEqual(found, wanted, name);
    assert.ok(grid.count(area) >= wanted.length, name);
  });
});

test("rows without a place are never found", () => {
  const [x, y] = [Float32Array.of(0, Number.NaN, 1), Float32Array.of(0, 0, Infinity)];
  const grid = new Grid(x, y, { minX: -1, maxX: 1, minY: -1, maxY: 1 });
  assert.deepEqual(grid.rowsIn({ minX: -9, maxX: 9, minY: -9, maxY: 9 }, all), [0]);
});

test("no points have bounds too", () => {
  assert.deepEqual(boundsOf(Float32Array.of(), Float32Array.of()), {
    minX: -1,
    maxX: 1,
    minY: -1,
    maxY: 1,
  });
  const [x, y] = [Float32Array.of(Number.NaN, 2), Float32Array.of(1, 3)];
  assert.deepEqual(boundsOf(x, y), { minX: 2, maxX: 2, minY: 1, maxY: 3 });
});

test("how near points are is the step of a lattice, whatever stands twice", () => {
  const side = 30;
  const places = Array.from({ length: side * side }, (_, at) => [at % side, Math.floor(at / side)]);
  const twice = [...places, ...places];
  const x = Float32Array.from(twice, ([column]) => column * 0.25);
  const y = Float32Array.from(twice, ([, line]) => line * 0.25);
  assert.equal(new Grid(x, y, boundsOf(x, y)).closeness(), 0.25);
});

test("how near points are is nothing when all stand at one place", () => {
  const one = new Float32Array(500).fill(2);
  assert.equal(new Grid(one, one, boundsOf(one, one)).closeness(), 0);
});
