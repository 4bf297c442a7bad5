import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, toBase64 } from "../../explorer/ui/components/common/base64.js";
import {
  bitsOf,
  bitsOfIds,
  combine,
  countBits,
  emptyBits,
  hasBit,
  sameBits,
  setBit,
} from "../../explorer/ui/components/map/bits.js";
import { chance, rowsByChance, SEEDS } from "./chance.js";

/** @import { Mode } from "../../explorer/ui/components/map/types.js" */

/**
 * @param {number[]} rows
 * @param {number} n
 */
function packed(rows, n) {
  const bits = emptyBits(n);
  for (const row of rows) setBit(bits, row);
  return bits;
}

/**
 * @param {Uint8Array} bits
 * @param {number} n
 */
const unpacked = (bits, n) =>
  Array.from({ length: n }, (_, row) => row).filter((row) => hasBit(bits, row));

test("bits are those of explorer/serving/bits.py", () => {
  // The first is held by tests/serving/test_serving_bits.py as well; all are worked out by hand.
  assert.deepEqual([...packed([0, 9], 10)], [0b1, 0b10]);
  const bits = packed([0, 2, 7, 8, 15, 16], 17);
  assert.deepEqual([...bits], [0b10000101, 0b10000001, 0b1]);
  assert.equal(toBase64(bits), "hYEB");
  assert.deepEqual(unpacked(fromBase64("hYEB"), 17), [0, 2, 7, 8, 15, 16]);
});

test("a set survives packing, and its base64 too", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const n = random.below(300);
    const rows = rowsByChance(random, n);
    const bits = packed(rows, n);
    assert.equal(bits.length, Math.ceil(n / 8), `seed ${seed}`);
    assert.deepEqual(unpacked(fromBase64(toBase64(bits)), n), rows, `seed ${seed}`);
    assert.equal(countBits(bits), rows.length, `seed ${seed}`);
  }
});

test("base64 of many bytes is that of the platform", () => {
  const random = chance(1);
  const bytes = Uint8Array.from({ length: 100_001 }, () => random.below(256));
  assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
  assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
});

test("selections are combined as sets are", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const n = 1 + random.below(100);
    const [before, drawn] = [rowsByChance(random, n), rowsByChance(random, n)];
    /** @param {Mode} mode */
    const result = (mode) => unpacked(combine(packed(before, n), packed(drawn, n), mode), n);
    /** @type {[Mode, (row: number) => boolean][]} */
    const wanted = [
      ["replace", (row) => drawn.includes(row)],
      ["add", (row) => before.includes(row) || drawn.includes(row)],
      ["subtract", (row) => before.includes(row) && !drawn.includes(row)],
      ["intersect", (row) => before.includes(row) && drawn.includes(row)],
    ];
    for (const [mode, holds] of wanted) {
      const rows = Array.from({ length: n }, (_, row) => row).filter(holds);
      assert.deepEqual(result(mode), rows, `${mode}, seed ${seed}`);
    }
  }
});

test("without a selection there is nothing to add to", () => {
  assert.deepEqual([...combine(null, bitsOf(9, 8), "add")], [0, 1]);
  assert.deepEqual([...combine(null, bitsOf(9, 8), "intersect")], [0, 0]);
});

test("rows become the ids of their images", () => {
  const ids = Int32Array.from([3, 4, 11, 20]);
  assert.deepEqual(unpacked(bitsOfIds(packed([0, 2, 3], 4), ids), 21), [3, 11, 20]);
  assert.equal(bitsOfIds(emptyBits(0), new Int32Array(0)).length, 0);
});

test("sets are equal by their rows; no set is equal to no set alone", () => {
  assert.ok(sameBits(null, null));
  assert.ok(!sameBits(null, emptyBits(8)));
  assert.ok(sameBits(bitsOf(20, 3), bitsOf(20, 3)));
  assert.ok(!sameBits(bitsOf(20, 3), bitsOf(20, 4)));
  assert.ok(!sameBits(bitsOf(20, 3), bitsOf(30, 3)));
});
