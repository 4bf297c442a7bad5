import assert from "node:assert/strict";
import { test } from "node:test";
import { itemOf, sharedOf } from "../../explorer/ui/components/gallery/items.js";

/** @import { GalleryData, ItemWire } from "../../explorer/ui/components/gallery/types.js" */

/** @type {GalleryData} */
const DATA = {
  to: { url: "/events", dataset: "d" },
  items: [],
  thumb: "/{id}.jpg",
  label: "Photos",
  ticked: [],
  empty: "",
  size: 100,
  toolbar: true,
  actions: [],
  tags: [],
  strip: false,
  opens: "ask",
  height: 400,
  key: "k",
};

/** @param {ItemWire[]} wires */
const shared = (...wires) => sharedOf(wires.map(itemOf), DATA);

test("what an item does not say is empty", () => {
  const plain = { id: 7, caption: "", badge: "", tone: "", note: "" };
  assert.deepEqual(itemOf([7]), plain);
  assert.deepEqual(itemOf([7, "", "0.9", "bad"]), { ...plain, badge: "0.9", tone: "bad" });
});

test("there is room under the photos for what any of them says", () => {
  assert.deepEqual([shared().captions, shared().noteLines], [false, 0]);
  assert.equal(shared([1], [2, "a cat"]).captions, true);
  assert.equal(shared([1], [2, "", "", "", "far away"]).noteLines, 1);
  assert.equal(shared([1, "", "", "", "7 of 15 neighbours say fish"], [2]).noteLines, 2);
  assert.equal(shared([1], [2]).count, 2);
});
