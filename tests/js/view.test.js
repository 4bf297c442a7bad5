import assert from "node:assert/strict";
import { test } from "node:test";
import { View } from "../../explorer/ui/components/map/view.js";
import { chance, SEEDS } from "./chance.js";

/** @import { Area, Point } from "../../explorer/ui/components/map/types.js" */
/** @import { Random } from "./chance.js" */

/**
 * @param {number[]} found
 * @param {number[]} wanted
 * @param {string} message
 */
function near(found, wanted, message) {
  const apart = Math.max(...wanted.map((value, at) => Math.abs(value - found[at])));
  assert.ok(apart < 1e-6, `${message}: ${found}, not ${wanted}`);
}

/**
 * A view of some map in a frame of some size, showing everything.
 * @param {Random} random
 */
function viewBy(random) {
  const view = new View();
  const [minX, minY] = [random.between(-50, 50), random.between(-50, 50)];
  const bounds = {
    minX,
    maxX: minX + random.between(0.1, 30),
    minY,
    maxY: minY + random.between(0.1, 30),
  };
  view.resize(random.between(100, 2000), random.between(100, 1200));
  view.setBounds(bounds);
  view.reset();
  return { view, bounds };
}

/**
 * A pixel behind which a part of the map lies.
 * @param {Random} random
 * @param {View} view
 * @param {Area} bounds
 */
function pixelOnMap(random, view, { minX, maxX, minY, maxY }) {
  return view.toScreen(random.between(minX, maxX), random.between(minY, maxY));
}

/** @param {(random: Random, at: {view: View, bounds: Area}, name: string) => void} check */
function eachView(check) {
  for (const seed of SEEDS) {
    const random = chance(seed);
    check(random, viewBy(random), `seed ${seed}`);
  }
}

test("what is on the screen is where the map says, and back", () => {
  eachView((random, { view }, name) => {
    view.zoomAt(view.width / 3, view.height / 3, random.between(1, 50));
    /** @type {Point} */
    const pixel = [random.between(0, view.width), random.between(0, view.height)];
    near(view.toScreen(...view.toWorld(...pixel)), pixel, name);
  });
});

test("up on the map is up on the screen", () => {
  const { view } = viewBy(chance(0));
  const [[left, low], [right, high]] = [view.toScreen(0, 0), view.toScreen(1, 1)];
  assert.ok(right > left && high < low);
});

test("zooming in keeps what is under the pointer there", () => {
  eachView((random, { view, bounds }, name) => {
    for (let time = 0; time < 5; time++) {
      const pixel = pixelOnMap(random, view, bounds);
      const before = view.toWorld(...pixel);
      view.zoomAt(...pixel, random.between(1, 3));
      near(view.toScreen(...before), pixel, name);
    }
    assert.ok(view.zoom > 1, name);
  });
});

test("zooming out at the same pixel undoes zooming in", () => {
  eachView((random, { view, bounds }, name) => {
    const [pixel, before] = [pixelOnMap(random, view, bounds), view.state()];
    view.zoomAt(...pixel, 7);
    view.zoomAt(...pixel, 1 / 7);
    near(Object.values(view.state()), Object.values(before), name);
  });
});

test("zoom has ends, and points that are near one another move the inner one out", () => {
  eachView((_random, { view }, name) => {
    /** @param {number} factor */
    const zoomedBy = (factor) => {
      view.reset();
      view.zoomAt(view.width / 2, view.height / 2, factor);
      return view.zoom;
    };
    assert.equal(zoomedBy(1e-9), 0.7, name);
    assert.equal(zoomedBy(1e9), 2000, name);
    view.closeness = view.span.x / 100;
    const zoom = zoomedBy(1e9);
    const apart = view.closeness * view.scale; // pixels, a photo's side
    assert.ok(Math.abs(apart - 96) < 1e-6 || (zoom === 4 && apart > 96), `${name}: ${apart}`);
  });
});

test("at first all points are in the frame, under the tools", () => {
  eachView((_random, { view, bounds }, name) => {
    const [left, bottom] = view.toScreen(bounds.minX, bounds.minY);
    const [right, top] = view.toScreen(bounds.maxX, bounds.maxY);
    assert.ok(left > 0 && right < view.width && top > 44 && bottom < view.height, name);
  });
});

test("a drag moves the map with the pointer, and never out of sight", () => {
  eachView((random, { view, bounds }, name) => {
    view.zoomAt(view.width / 2, view.height / 2, 20);
    const before = view.toWorld(100, 100);
    view.panBy(3, -2);
    near(view.toScreen(...before), [103, 98], name);
    view.panBy(random.between(-1e9, 1e9), random.between(-1e9, 1e9));
    const air = 0.04 * Math.max(view.span.x, view.span.y) + 1e-9;
    assert.ok(view.x >= bounds.minX - air && view.x <= bounds.maxX + air, name);
    assert.ok(view.y >= bounds.minY - air && view.y <= bounds.maxY + air, name);
  });
});
