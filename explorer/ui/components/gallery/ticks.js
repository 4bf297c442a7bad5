/**
 * Which images are ticked. Python keeps the truth; what the user just did shows at once and holds
 * until Python shows what it has become, agreed to or refused.
 */

const BURST = 150; // ms without a further change before Python hears of it

/**
 * A set of ids that both sides change.
 * @template {number | string} Id
 */
export class Ticks {
  /** @param {(ids: Id[], on: boolean) => Promise<number>} send the event's number, once it arrived */
  constructor(send) {
    this.send = send;
    /** @type {Set<Id>} */
    this.known = new Set();
    /** @type {Map<Id, {on: boolean, number: number}>} by event; not shown by Python yet */
    this.wished = new Map();
    this.shown = 0; // the last event that is shown by it
    /** @type {Map<Id, boolean>} */
    this.unsent = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {Id} id */
  has(id) {
    return this.wished.get(id)?.on ?? this.known.has(id);
  }

  /**
   * @param {Id[]} ids
   * @param {boolean} on
   */
  set(ids, on) {
    for (const id of ids) {
      if (this.has(id) === on) continue;
      this.wished.set(id, { on, number: Infinity });
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

  /**
   * @param {Id[]} ids
   * @param {boolean} on
   */
  async #deliver(ids, on) {
    const wishes = ids.map((id) => this.wished.get(id));
    const number = await this.send(ids, on);
    for (const wish of wishes) if (wish) wish.number = number;
  }

  /**
   * @param {Id[]} ids what Python says is ticked
   * @param {number | undefined} shown the last event that it knew of then; undefined before the first
   */
  confirm(ids, shown) {
    if (shown !== undefined && shown < this.shown) return; // drawn before the one that is there
    this.shown = shown ?? 0;
    this.known = new Set(ids);
    for (const [id, { number }] of this.wished) if (number <= this.shown) this.wished.delete(id);
  }
}
