import assert from "node:assert/strict";
import { test } from "node:test";
import {
  codesOf,
  codesOfCategories,
  codesOfNumbers,
  cssColor,
  emphasize,
  MISSING,
  OTHER,
  paletteOf,
  STEPS,
} from "../../explorer/ui/components/map/colors.js";
import { chance, SEEDS } from "./chance.js";

/** @import { ByCategory, ByNumber } from "../../explorer/ui/components/map/types.js" */

const COLUMN = { url: "/column", title: "A column" };

/** @type {ByNumber} */
const RAMP = { ...COLUMN, kind: "number", range: [0, 1], ramp: ["#000000", "#ff8000", "#ffffff"] };

/** @type {ByCategory} */
const NAMED = {
  ...COLUMN,
  kind: "category",
  distinct: 2,
  categories: [
    { name: "cats", count: 1, color: "#010203" },
    { name: "dogs", count: 1, color: "#fffefd" },
  ],
};

/**
 * @param {Uint8Array} palette
 * @param {number} code
 */
const entry = (palette, code) => [...palette.slice(4 * code, 4 * code + 4)];

test("categories are their own codes as far as there are colours", () => {
  const codes = codesOfCategories(Uint16Array.of(0, 63, 64, 5000, 65535));
  assert.deepEqual([...codes], [0, 63, OTHER, OTHER, MISSING]);
});

test("larger numbers never have smaller codes, and each keeps to its step", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const [low, width] = [random.between(-1e3, 1e3), random.between(1e-3, 1e3)];
    const values = Float32Array.from(
      { length: 300 },
      () => low + random.between(-0.5, 1.5) * width,
    );
    values.sort();
    const codes = codesOfNumbers(values, [low, low + width]);
    codes.forEach((code, row) => {
      assert.ok(row === 0 || code >= codes[row - 1], `seed ${seed}`);
      const share = Math.max(0, Math.min(1, (values[row] - low) / width));
      assert.ok(Math.abs(code - share * (STEPS - 1)) <= 0.501, `seed ${seed}, row ${row}`);
    });
  }
});

test("numbers that are missing, out of range or all the same have a code as well", () => {
  const codes = codesOfNumbers(Float32Array.of(Number.NaN, -Infinity, 0, 1, Infinity), [0, 1]);
  assert.deepEqual([...codes], [MISSING, 0, 0, STEPS - 1, STEPS - 1]);
  assert.deepEqual([...codesOfNumbers(Float32Array.of(3, 3), [3, 3])], [0, 0]);
});

test("a column is coded by what it is coloured by", () => {
  assert.deepEqual([...codesOf(Float32Array.of(0, 1), RAMP)], [0, STEPS - 1]);
  assert.deepEqual([...codesOf(Uint16Array.of(0, 1), NAMED)], [0, 1]);
});

test("a ramp goes from its first colour through the middle one to its last", () => {
  const palette = paletteOf(RAMP);
  assert.deepEqual(entry(palette, 0), [0, 0, 0, 255]);
  assert.deepEqual(entry(palette, STEPS - 1), [255, 255, 255, 255]);
  const [red, green, blue] = entry(palette, Math.round((STEPS - 1) / 2));
  assert.ok(red >= 253 && Math.abs(green - 128) <= 2 && blue <= 3, `${red} ${green} ${blue}`);
});

test("categories have their colours, what is left is grey", () => {
  const palette = paletteOf(NAMED);
  assert.deepEqual(entry(palette, 0), [1, 2, 3, 255]);
  assert.deepEqual(entry(palette, 1), [255, 254, 253, 255]);
  const gray = entry(palette, 2);
  assert.deepEqual(entry(palette, OTHER), gray);
  assert.deepEqual(entry(palette, MISSING), gray);
  assert.equal(cssColor(palette, 0), "rgb(1 2 3)");
});

test("what does not stand out is dimmed, without another colour", () => {
  const palette = paletteOf(NAMED);
  const dimmed = emphasize(palette, new Set([1]));
  assert.deepEqual(entry(dimmed, 0), [1, 2, 3, 0]);
  assert.deepEqual(entry(dimmed, 1), [255, 254, 253, 255]);
  assert.deepEqual(emphasize(dimmed, null), palette);
});
