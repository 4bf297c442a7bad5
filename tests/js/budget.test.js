import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Budget, MOST } from "../../explorer/ui/components/map/budget.js";

let clock = 1000;
mock.method(performance, "now", () => clock);

/**
 * The points of a frame after so many frames that took so long.
 * @param {number} frames
 * @param {number} pace ms from one to the next
 * @param {Budget} budget
 */
function after(frames, pace, budget = new Budget(false)) {
  budget.adapt(); // the first one only begins
  for (let frame = 0; frame < frames; frame++) {
    clock += pace;
    budget.adapt();
  }
  return budget.points;
}

beforeEach(() => {
  clock += 10_000;
});

test("slow frames get fewer points, fast ones more, and others as many", () => {
  const { points } = new Budget(false);
  assert.ok(after(5, 60) < points);
  assert.ok(after(5, 10) > points);
  assert.equal(after(5, 30), points);
});

test("there is always something to see, and an end", () => {
  assert.equal(after(100, 200), 20_000);
  assert.equal(after(100, 10), MOST);
});

test("a pause is no slow frame", () => {
  const { points } = new Budget(false);
  assert.equal(after(5, 2000), points);
});

test("without a graphics card it begins with fewer", () => {
  assert.ok(new Budget(true).points < new Budget(false).points);
  const budget = new Budget(true);
  assert.ok(budget.whenStill > budget.points);
});
