/** How many points are painted in a frame: as many as the machine can paint smoothly. */

const SLOW_FRAME = 45; // ms
const FAST_FRAME = 24; // ms
const PAUSE = 500; // ms: between two movements, not between two frames
const FEWEST = 20_000; // points per frame, at least
export const MOST = 4_000_000;
const CATCH_UP = 3; // times as many in the frames after a movement
const FIRST = { card: 2_000_000, software: 100_000 };

export class Budget {
  /** @param {boolean} isSoftware there is no graphics card */
  constructor(isSoftware) {
    this.points = isSoftware ? FIRST.software : FIRST.card;
    this.lastFrame = 0;
  }

  /** While the view stands still a slower frame is fine. */
  get whenStill() {
    return this.points * CATCH_UP;
  }

  /** Learns from the time since the last frame; called once for each frame of a movement. */
  adapt() {
    const now = performance.now();
    const gap = now - this.lastFrame;
    this.lastFrame = now;
    if (gap > PAUSE) return;
    if (gap > SLOW_FRAME) this.points = Math.max(FEWEST, this.points * 0.75);
    else if (gap < FAST_FRAME) this.points = Math.min(MOST, this.points * 1.25);
  }
}
