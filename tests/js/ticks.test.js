import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Tagging } from "../../explorer/ui/components/gallery/tagging.js";
import { Ticks } from "../../explorer/ui/components/gallery/ticks.js";

/** @import { Tag } from "../../explorer/ui/components/gallery/types.js" */

const BURST = 150; // ms

mock.timers.enable({ apis: ["setTimeout"] });

/**
 * What was sent, by events that are numbered as they go; `arrived` waits until they did.
 * @type {[ids: number[], on: boolean][]}
 */
let sent;

/** @type {Ticks<number>} */
let ticks;

const arrived = () => new Promise((go) => setImmediate(go));

beforeEach(() => {
  sent = [];
  ticks = new Ticks(async (ids, on) => sent.push([ids, on]));
  ticks.confirm([1, 2], undefined);
});

const ticked = () => [1, 2, 3, 4].filter((id) => ticks.has(id));

test("what was just done shows at once and goes together", () => {
  ticks.set([3], true);
  ticks.set([1, 2], false);
  ticks.set([4], true);
  assert.deepEqual(ticked(), [3, 4]);
  mock.timers.tick(BURST - 1);
  assert.deepEqual(sent, []);
  mock.timers.tick(1);
  assert.deepEqual(sent, [
    [[3, 4], true],
    [[1, 2], false],
  ]);
});

test("what is as it was is not sent", () => {
  ticks.set([1, 2], true);
  mock.timers.tick(BURST);
  assert.deepEqual(sent, []);
});

test("each change within a burst starts it anew, and flush ends it", () => {
  ticks.set([3], true);
  mock.timers.tick(BURST - 1);
  ticks.set([4], true);
  mock.timers.tick(BURST - 1);
  assert.deepEqual(sent, []);
  ticks.flush();
  assert.deepEqual(sent, [[[3, 4], true]]);
  mock.timers.tick(BURST);
  assert.equal(sent.length, 1);
});

test("it holds until the picture shows its event, agreed to or refused", async () => {
  ticks.set([3], true);
  ticks.flush();
  ticks.confirm([1, 2], 0); // made before it arrived
  assert.deepEqual(ticked(), [1, 2, 3]);
  await arrived();
  ticks.confirm([1, 2], 0); // a picture of before
  assert.deepEqual(ticked(), [1, 2, 3]);
  ticks.confirm([1, 2], 1); // refused
  assert.deepEqual(ticked(), [1, 2]);
});

test("an older picture that comes late changes nothing", () => {
  ticks.confirm([1, 2, 3], 5);
  ticks.confirm([1], 4);
  assert.deepEqual(ticked(), [1, 2, 3]);
});

test("a later wish outlives the picture of an earlier one", async () => {
  ticks.set([3], true);
  ticks.flush();
  await arrived();
  ticks.set([3], false);
  ticks.confirm([1, 2, 3], 1);
  assert.deepEqual(ticked(), [1, 2]);
});

test("digits give and take the tags of the page, one event for each tag", async () => {
  /** @type {unknown[]} */
  const events = [];
  const tagging = new Tagging(async (...event) => events.push(event));
  /** @type {Tag[]} */
  const tags = [
    [7, "cats", "#111111", [1]],
    [9, "dogs", "#222222", []],
  ];
  tagging.confirm(tags, undefined);
  assert.ok(tagging.toggle(1, 1)); // takes it off
  assert.ok(tagging.toggle(2, 1));
  assert.ok(tagging.toggle(2, 2));
  assert.ok(!tagging.toggle(2, 3), "there is no third tag");
  tagging.marks.flush();
  await arrived();
  assert.deepEqual(events, [
    [[7, "cats"], [2], true],
    [[9, "dogs"], [2], true],
    [[7, "cats"], [1], false],
  ]);
});
