import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../../explorer/ui/components/gallery/layout.js";
import { chance, SEEDS } from "./chance.js";

/** @import { Frame } from "../../explorer/ui/components/gallery/layout.js" */
/** @import { Random } from "./chance.js" */

/**
 * @param {Random} random
 * @param {{strip?: boolean}} [options]
 */
function layoutBy(random, { strip = false } = {}) {
  return new Layout({
    count: 1 + random.below(500),
    width: random.between(60, 1500),
    size: 64 + random.below(250),
    fill: random.yes(),
    strip,
    captions: random.yes(),
    noteLines: random.below(3),
  });
}

/**
 * Fifty photos in four columns, but for what a test changes.
 * @param {Partial<ConstructorParameters<typeof Layout>[0]>} [changes]
 */
function layoutOf(changes = {}) {
  const plain = { count: 50, width: 430, size: 100, fill: false, strip: false };
  return new Layout({ ...plain, captions: false, noteLines: 0, ...changes });
}

/**
 * What the sheet scrolls in, somewhere.
 * @param {Random} random
 * @param {Layout} layout
 * @param {number} width
 */
function frameBy(random, layout, width) {
  const clientHeight = random.between(100, 900);
  return {
    clientWidth: width,
    clientHeight,
    scrollTop: random.between(0, Math.max(0, layout.height - clientHeight)),
    scrollLeft: layout.strip ? random.between(0, Math.max(0, layout.width - width)) : 0,
  };
}

/** @param {(at: {random: Random, layout: Layout, frame: Frame}, name: string) => void} check */
function eachLayout(check) {
  for (const strip of [false, true]) {
    for (const seed of SEEDS) {
      const random = chance(seed);
      const layout = layoutBy(random, { strip });
      check(
        { random, layout, frame: frameBy(random, layout, 700) },
        `strip ${strip}, seed ${seed}`,
      );
    }
  }
}

/** @param {Layout} layout */
const cells = (layout) => Array.from({ length: layout.count }, (_, index) => layout.place(index));

test("no photo lies on another, and all are on the sheet", () => {
  eachLayout(({ layout }, name) => {
    const places = cells(layout);
    assert.equal(new Set(places.map(({ left, top }) => `${left} ${top}`)).size, layout.count, name);
    for (const { left, top } of places) {
      assert.ok(left + layout.cellWidth <= layout.width, name);
      assert.ok(top + layout.cellHeight <= layout.height, name);
      assert.ok(
        Number.isInteger(left / layout.columnWidth) && Number.isInteger(top / layout.lineHeight),
      );
    }
  });
});

test("lines fit the width there is", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const [width, size] = [random.between(200, 1500), 64 + random.below(100)];
    const fill = random.yes();
    const layout = new Layout({
      count: 99,
      width,
      size,
      fill,
      strip: false,
      captions: false,
      noteLines: 0,
    });
    assert.ok(layout.width <= width, `seed ${seed}`);
    assert.ok(fill || layout.cellWidth <= size, `seed ${seed}`);
    assert.ok(!fill || layout.width > width - layout.columns, `seed ${seed}`);
    assert.ok(
      layout.width + layout.columnWidth > width,
      `seed ${seed}: one more would have fitted`,
    );
  }
});

test("every photo that can be seen is in the page, and few others", () => {
  eachLayout(({ layout, frame }, name) => {
    const [from, to] = layout.window(frame);
    /** @param {{left: number}} place */
    const across = ({ left }) =>
      left < frame.scrollLeft + frame.clientWidth && left + layout.cellWidth > frame.scrollLeft;
    /** @param {{top: number}} place */
    const down = ({ top }) =>
      top < frame.scrollTop + frame.clientHeight && top + layout.cellHeight > frame.scrollTop;
    const isSeen = layout.strip ? across : down;
    cells(layout).forEach((place, index) => {
      if (isSeen(place)) assert.ok(index >= from && index < to, `${name}: ${index}`);
    });
    const step = layout.strip ? layout.columnWidth : layout.lineHeight;
    const length = layout.strip ? frame.clientWidth : frame.clientHeight;
    const each = layout.strip ? 1 : layout.columns;
    assert.ok(to - from <= (Math.ceil(length / step) + 4) * each, name);
  });
});

test("a photo that is gone to is in sight", () => {
  eachLayout(({ random, layout, frame: { ...frame } }, name) => {
    frame.clientHeight = Math.max(frame.clientHeight, layout.cellHeight + 12);
    const index = random.below(layout.count);
    const { left, top } = layout.place(index);
    layout.reveal(index, frame);
    assert.ok(top >= frame.scrollTop, name);
    assert.ok(top + layout.cellHeight <= frame.scrollTop + frame.clientHeight, name);
    if (!layout.strip) return;
    assert.ok(left >= frame.scrollLeft && left + layout.cellWidth <= frame.scrollLeft + 700, name);
  });
});

test("a photo in sight does not move", () => {
  const layout = layoutOf({ width: 700, fill: true, captions: true });
  const frame = { clientWidth: 700, clientHeight: 500, scrollTop: 120, scrollLeft: 0 };
  layout.reveal(layout.columns * 2, frame);
  assert.equal(frame.scrollTop, 120);
});

test("keys go along the lines, by lines and by pages", () => {
  const layout = layoutOf();
  const frame = { clientWidth: 430, clientHeight: 345, scrollLeft: 0, scrollTop: 0 };
  const steps = [
    "ArrowRight",
    "ArrowLeft",
    "ArrowDown",
    "ArrowUp",
    "PageDown",
    "PageUp",
    "End",
    "x",
  ];
  assert.equal(layout.columns, 4);
  const wanted = [1, -1, 4, -4, 12, -12, Infinity, undefined];
  assert.deepEqual(
    steps.map((key) => layout.stepOf(key, frame)),
    wanted,
  );
});

test("room for whole lines, and for one at least", () => {
  const layout = layoutOf();
  assert.equal(layout.whole(345), 3 * 110 - 10);
  assert.equal(layout.whole(20), 100);
  assert.equal(layout.whole(1e6), layout.height);
});
