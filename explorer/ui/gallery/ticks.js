/**
 * Which images are ticked. Python keeps the truth; what the user just did shows at once and holds
 * until Python has answered.
 */

const BURST = 150; // ms without a further change before Python hears of it
const PATIENCE = 4000; // ms after which what Python says counts, even if it is not what was asked for

export class Ticks {
  /** @param {(ids: any[], on: boolean) => Promise<void>} send kept when the server has it */
  constructor(send) {
    this.send = send;
    this.known = new Set();
    this.wished = new Map(); // id -> {on, since it was acknowledged}: not confirmed yet
    this.unsent = new Map(); // id -> on
    this.timer = 0;
  }

  has(id) {
    return this.wished.get(id)?.on ?? this.known.has(id);
  }

  set(ids, on) {
    for (const id of ids) {
      if (this.has(id) === on) continue;
      this.wished.set(id, { on, since: Infinity });
      this.unsent.set(id, on);
    }
    clearTimeout(this.timer);
    if (this.unsent.size) this.timer = setTimeout(() => this.flush(), BURST);
  }

  /** Sends what is still held back. */
  flush() {
    clearTimeout(this.timer);
    const unsent = [...this.unsent];
    this.unsent.clear();
    for (const on of [true, false]) {
      const ids = unsent.filter(([, wished]) => wished === on).map(([id]) => id);
      if (ids.length) this.#deliver(ids, on);
    }
  }

  async #deliver(ids, on) {
    const wishes = ids.map((id) => this.wished.get(id));
    await this.send(ids, on);
    for (const wish of wishes) if (wish) wish.since = performance.now();
  }

  /** @param {number[]} ids what Python says is ticked */
  confirm(ids) {
    this.known = new Set(ids);
    const now = performance.now();
    for (const [id, { on, since }] of this.wished) {
      const expired = now - since > PATIENCE;
      if (this.known.has(id) === on || expired) this.wished.delete(id);
    }
  }
}
