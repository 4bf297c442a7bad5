import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyBits, hasBit, setBit } from "../../explorer/ui/components/map/bits.js";
import { link, linked, rowOf, translate } from "../../explorer/ui/components/map/links.js";
import { chance, rowsByChance, SEEDS } from "./chance.js";

/** @param {number[]} ids */
const mapOf = (...ids) => ({ link: null, ids: Int32Array.from(ids), point() {}, light() {} });

test("the row of an image is found, and that there is none", () => {
  for (const seed of SEEDS) {
    const ids = rowsByChance(chance(seed), 60);
    for (let id = -1; id <= 60; id++) {
      assert.equal(rowOf(Int32Array.from(ids), id), ids.indexOf(id), `seed ${seed}, image ${id}`);
    }
  }
});

test("a selection lights up the same images in another map", () => {
  for (const seed of SEEDS) {
    const random = chance(seed);
    const [from, to] = [rowsByChance(random, 50), rowsByChance(random, 50)];
    const chosen = rowsByChance(random, from.length);
    const bits = emptyBits(from.length);
    for (const row of chosen) setBit(bits, row);
    const found = translate(bits, Int32Array.from(from), Int32Array.from(to));
    assert.ok(found);
    const images = new Set(chosen.map((row) => from[row]));
    const lit = to.filter((_, row) => hasBit(found, row));
    assert.deepEqual(
      lit,
      to.filter((id) => images.has(id)),
      `seed ${seed}`,
    );
  }
  assert.equal(translate(null, Int32Array.of(1), Int32Array.of(1)), null);
});

test("maps hear of the others on their link, while these are on it and have points", () => {
  const [one, other, third, empty] = [mapOf(1), mapOf(1), mapOf(1), mapOf()];
  link(one, "a");
  link(other, "a");
  link(third, "b");
  link(empty, "a");
  assert.deepEqual(linked(one), [other]);
  assert.deepEqual(linked(third), []);
  link(third, "a");
  assert.deepEqual(new Set(linked(one)), new Set([other, third]));
  link(other, null);
  assert.deepEqual(linked(one), [third]);
  assert.deepEqual(linked(other), []);
});
