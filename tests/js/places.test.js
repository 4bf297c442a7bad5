import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Orbit } from "../../explorer/ui/components/map/orbit.js";
import { boundsOf } from "../../explorer/ui/components/map/picking.js";
import { Places } from "../../explorer/ui/components/map/places.js";
import { View } from "../../explorer/ui/components/map/view.js";
import { chance, cloud, SEEDS } from "./chance.js";

/** @import { Area } from "../../explorer/ui/components/map/types.js" */
/** @import { Random } from "./chance.js" */

const FRAME = 100; // ms, in a browser that is made of nothing else
let clock = 0;
let calm = false; // somebody has asked for less motion

mock.method(performance, "now", () => clock);

beforeEach(() => {
  clock = 0;
  calm = false;
  const page = {
    /** @param {(time: number) => void} go */
    requestAnimationFrame(go) {
      clock += FRAME;
      setImmediate(() => go(clock));
    },
    window: { matchMedia: () => ({ matches: calm }) },
  };
  Object.assign(globalThis, page);
});

/** Where the points are told to be, as a renderer hears it. */
class Heard {
  constructor() {
    this.view = new View();
    this.view.resize(600, 400);
    /** @type {Float32Array} */
    this.x = new Float32Array();
    /** @type {Float32Array} */
    this.y = new Float32Array();
    /** @type {{x: Float32Array, y: Float32Array}[]} */
    this.moves = [];
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   * @param {Area} [bounds]
   */
  setPoints(x, y, bounds = boundsOf(x, y)) {
    [this.x, this.y] = [x, y];
    this.view.setBounds(bounds);
    this.view.reset();
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   */
  movePoints(x, y) {
    [this.x, this.y] = [x, y];
    this.moves.push({ x: x.slice(), y: y.slice() });
  }

  buildGrid() {}
}

/**
 * @param {Random} random
 * @param {number[]} ids
 */
function layoutBy(random, ids) {
  return { ...cloud(random, ids.length, "everywhere"), z: null, ids: Int32Array.from(ids) };
}

test("images glide from where they were on the screen to where they are now", async () => {
  for (const seed of SEEDS.slice(0, 5)) {
    const random = chance(seed);
    const renderer = new Heard();
    const places = new Places(renderer);
    const [first, second] = [layoutBy(random, [1, 2, 5, 8]), layoutBy(random, [2, 3, 8])];
    places.arrive(first, undefined);
    assert.equal(renderer.moves.length, 0, "the first layout has nowhere to come from");
    /** @param {number} row */
    const was = (row) => renderer.view.toScreen(first.x[row], first.y[row]);
    const before = [was(1), null, was(3)];
    places.arrive(second, undefined);
    await places.rest;
    const [start, end] = [renderer.moves[0], renderer.moves.at(-1)];
    before.forEach((pixel, row) => {
      const now = renderer.view.toScreen(start.x[row], start.y[row]);
      const wanted = pixel ?? renderer.view.toScreen(second.x[row], second.y[row]);
      const apart = Math.hypot(now[0] - wanted[0], now[1] - wanted[1]);
      assert.ok(apart < 0.01, `seed ${seed}, row ${row}: ${apart} pixels`);
    });
    assert.deepEqual(end, { x: second.x, y: second.y });
    assert.ok(renderer.moves.length > 5, "it was a jump");
  }
});

test("a glide ends when another layout comes", async () => {
  const random = chance(1);
  const renderer = new Heard();
  const places = new Places(renderer);
  const [first, second, last] = [1, 2, 3].map(() => layoutBy(random, [1, 2, 3]));
  for (const layout of [first, second, last]) places.arrive(layout, undefined);
  await places.rest;
  assert.deepEqual(renderer.moves.at(-1), { x: last.x, y: last.y });
  assert.ok(renderer.moves.every(({ x }) => x.some((value, row) => value !== second.x[row])));
});

test("nothing glides for people who want less motion", async () => {
  calm = true;
  const renderer = new Heard();
  const places = new Places(renderer);
  places.arrive(layoutBy(chance(1), [1, 2]), undefined);
  places.arrive(layoutBy(chance(2), [1, 2]), { x: 1, y: 2, zoom: 3 });
  await places.rest;
  assert.deepEqual(renderer.moves, []);
  assert.deepEqual(renderer.view.state(), { x: 1, y: 2, zoom: 3 });
});

test("a flat layout cannot be turned, one in space can", () => {
  calm = true;
  const renderer = new Heard();
  const places = new Places(renderer);
  const flat = layoutBy(chance(1), [1, 2, 3]);
  places.arrive(flat, undefined);
  places.turn(10, 10);
  assert.deepEqual(renderer.moves, []);
  places.arrive({ ...flat, z: Float32Array.of(0, 1, 2) }, undefined);
  const before = renderer.x.slice();
  places.turn(100, 0);
  assert.notDeepEqual(renderer.x, before);
});

test("whatever the side, a layout in space keeps to its bounds and comes round", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const { x, y } = cloud(random, 50, "everywhere");
    const orbit = new Orbit(x, y, cloud(random, 50, "everywhere").x);
    const start = orbit.project();
    for (let time = 0; time < 10; time++) {
      const { maxX, maxY } = orbit.bounds;
      const now = orbit.project();
      const air = 1.07; // what is nearer than the middle looks larger
      assert.ok(Math.max(...now.x.map(Math.abs)) <= air * maxX, `seed ${seed}`);
      assert.ok(Math.max(...now.y.map(Math.abs)) <= air * maxY, `seed ${seed}`);
      orbit.turn((2 * Math.PI) / 0.008 / 10, 0);
    }
    const round = orbit.project();
    start.x.forEach((value, row) => {
      assert.ok(Math.abs(value - round.x[row]) < 1e-4, `seed ${seed}, row ${row}`);
    });
  }
});
