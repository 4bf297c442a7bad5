/**
 * Which images are ticked. Python keeps the truth; what the user just did shows at once and holds
 * until Python has answered.
 */

const BURST = 150; // ms without a further change before Python hears of it
const PATIENCE = 4000; // ms until what Python says counts, even if it is not what was asked for

export class Ticks {
  /** @param {(change: {on: number[], off: number[]}) => void} send */
  constructor(send) {
    this.send = send;
    this.known = new Set();
    this.wished = new Map(); // id -> {on, since}: not confirmed yet
    this.unsent = new Map(); // id -> on
    this.timer = 0;
  }

  has(id) {
    return this.wished.get(id)?.on ?? this.known.has(id);
  }

  set(ids, on) {
    for (const id of ids) {
      if (this.has(id) === on) continue;
      this.wished.set(id, { on, since: performance.now() });
      this.unsent.set(id, on);
    }
    clearTimeout(this.timer);
    if (this.unsent.size) this.timer = setTimeout(() => this.#flush(), BURST);
  }

  #flush() {
    const change = { on: [], off: [] };
    for (const [id, on] of this.unsent) (on ? change.on : change.off).push(id);
    this.unsent.clear();
    this.send(change);
  }

  /** @param {number[]} ids what Python says is ticked */
  confirm(ids) {
    this.known = new Set(ids);
    const now = performance.now();
    for (const [id, { on, since }] of this.wished) {
      const expired = now - since > PATIENCE && !this.unsent.has(id);
      if (this.known.has(id) === on || expired) this.wished.delete(id);
    }
  }
}
