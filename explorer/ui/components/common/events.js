/**
 * What people do, on its way to the server: kept for the page, not for a component, and sent again
 * until the server has acknowledged it. Then a component asks Streamlit for a new picture.
 */

/** @import { Addressed, Component } from "./types.js" */

const PAUSES = [100, 300, 1000, 2000, 5000]; // ms before the next try, after each one that failed
const PATIENCE = 20000; // ms until a try counts as failed
const AT_ONCE = 8 * 2 ** 20; // characters of events in a request; a larger one goes alone
const TYPING =
  "input:not([type=range], [type=checkbox], [type=radio], [type=file]), textarea, " +
  "[contenteditable=true]";
const STILL = 1200; // ms without a letter, after which somebody in a field is not typing any more
const DRAWN = 3000; // ms after which the picture that is being drawn is not waited for

/** Whether Streamlit's script runs; false where the page does not say, too. */
function isDrawing() {
  const app = document.querySelector("[data-test-script-state]");
  const state = app?.getAttribute("data-test-script-state");
  return Boolean(state) && state !== "notRunning";
}

class Queue {
  constructor() {
    // Not crypto.randomUUID, which a page without TLS on another machine does not have.
    this.id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    /** @type {{number: number, text: string, done: (number: number) => void}[]} */
    this.waiting = [];
    /** @type {Set<() => void>} what sends that which components hold back, to send it together */
    this.held = new Set();
    this.count = 0;
    /** @type {Map<ShadowRoot, Component<Addressed>>} what Streamlit handed over last, by its place */
    this.shown = new Map();
    this.failures = 0;
    this.typed = -Infinity;
    this.leaving = false;
    this.busy = false;
    /** @type {string | undefined} */
    this.url = undefined;
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", () => (this.leaving = false));
    addEventListener("input", () => (this.typed = performance.now()), true);
  }

  /** @param {Component<Addressed>} component */
  attach(component) {
    this.url = component.data.to.url;
    for (const element of this.shown.keys()) if (!element.isConnected) this.shown.delete(element);
    this.shown.delete(component.parentElement); // the one that came last is the last
    this.shown.set(component.parentElement, component);
    if (this.waiting.length) this.#pump();
  }

  /**
   * @param {object} event
   * @returns {Promise<number>} its number, when the server has it
   */
  send(event) {
    this.flush(); // what was done before goes before
    return new Promise((done) => {
      this.waiting.push({ number: ++this.count, text: JSON.stringify(event), done });
      if (this.leaving) this.#leave();
      else this.#pump();
    });
  }

  flush() {
    for (const flush of this.held) flush();
  }

  get #message() {
    /** @type {string[]} */
    const texts = [];
    let length = 0;
    for (const { text } of this.waiting) {
      length += text.length;
      if (texts.length && length > AT_ONCE) break;
      texts.push(text);
    }
    return `{"queue": "${this.id}", "first": ${this.waiting[0].number}, "events": [${texts}]}`;
  }

  /** One request at a time, each with all that waits: so nothing can overtake anything. */
  async #pump() {
    if (this.busy || !this.waiting.length || !this.url) return;
    this.busy = true;
    clearTimeout(this.again);
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(this.url, { method: "POST", body: this.#message, signal });
      this.failures = answer.ok ? 0 : this.failures + 1;
      /** @type {{applied: number}} */
      const { applied } = await answer.json();
      this.#acknowledge(applied);
      this.#ask();
    } catch {
      this.failures++; // No server, or none that knows this page yet: the next picture says where it is.
    }
    this.busy = false;
    if (!this.failures) this.#pump();
    else
      this.again = setTimeout(
        () => this.#pump(),
        PAUSES[Math.min(this.failures, PAUSES.length) - 1],
      );
  }

  /** @param {number} applied the last event that the server has */
  #acknowledge(applied) {
    const arrived = this.waiting.filter(({ number }) => number <= applied);
    this.waiting = this.waiting.slice(arrived.length);
    for (const { number, done } of arrived) done(number);
  }

  /**
   * A new picture; but not while somebody types, since drawing a field anew may eat letters, and
   * not while one is being drawn, which the request would cut short.
   */
  #ask(since = performance.now()) {
    clearTimeout(this.asking);
    const now = performance.now();
    const typing = this.#isTyping() && now < this.typed + STILL;
    if (typing || (isDrawing() && now < since + DRAWN)) {
      this.asking = setTimeout(() => this.#ask(since), 50);
      return;
    }
    const [, component] = [...this.shown].filter(([element]) => element.isConnected).pop() ?? [];
    component?.setTriggerValue("picture", this.count);
  }

  #isTyping() {
    return Boolean(document.activeElement?.matches(TYPING));
  }

  /** The page goes: what waits is handed to the browser, which sends it all the same. */
  #leave() {
    this.leaving = true;
    this.flush();
    if (this.waiting.length && this.url) navigator.sendBeacon(this.url, this.#message);
  }
}

/** One for the page, whichever version of this file comes first. */
const page = /** @type {typeof globalThis & {explorerEvents?: Queue}} */ (globalThis);
page.explorerEvents ??= new Queue();
const queue = page.explorerEvents;

/**
 * Lets the queue know where events go, and whom to ask for a new picture; at every update.
 * @param {Component<Addressed>} component
 */
export function attach(component) {
  queue.attach(component);
}

/** @returns {Promise<void>} kept when the page stands, drawn to its end */
export async function drawn() {
  do await new Promise((go) => setTimeout(go, 100));
  while (isDrawing());
}

/**
 * The number of the last event that a component's data surely show; undefined before the first.
 * @param {Component<Addressed>} component
 */
export const lastShown = (component) => component.data.to.shown?.[queue.id];

/**
 * Lets a component hold events back; `flush` sends them when others are sent, or the page goes.
 * @param {() => void} flush
 */
export const holdBack = (flush) => queue.held.add(flush);

/** @param {() => void} flush */
export const release = (flush) => queue.held.delete(flush);

/**
 * Sends what was done in a component to the server.
 * @param {Component<Addressed>} component
 * @param {string} what the name of the event
 * @param {object} more
 * @returns {Promise<number>} its number, when the server has it
 */
export function send(component, what, more = {}) {
  return queue.send({ do: what, dataset: component.data.to.dataset, ...more });
}
