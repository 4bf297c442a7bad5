/** The tags of the photos: a dot on the photo for each; digits give and take them. */

import { make } from "../common/elements.js";
import { Ticks } from "./ticks.js";

/** @import { Tag } from "./types.js" */

/**
 * @param {number} tag
 * @param {number} id
 */
const markOf = (tag, id) => `${tag}:${id}`;

export class Tagging {
  /**
   * @param {(tag: [number, string], ids: number[], on: boolean) => Promise<number>} send
   *   a tag goes by its id, and by the name that was seen
   */
  constructor(send) {
    /** @type {Tag[]} */
    this.tags = [];
    /** @type {Map<number, string>} what a tag was called when its key was pressed */
    this.names = new Map();
    /** @type {Ticks<string>} */
    this.marks = new Ticks((marks, on) => this.#deliver(send, marks, on));
  }

  /**
   * One event for each tag: each is one step of the history. The number of the last one.
   * @param {(tag: [number, string], ids: number[], on: boolean) => Promise<number>} send
   * @param {string[]} marks
   * @param {boolean} on
   */
  async #deliver(send, marks, on) {
    /** @type {Map<number, number[]>} */
    const images = new Map();
    for (const [tag, id] of marks.map((mark) => mark.split(":").map(Number))) {
      images.set(tag, [...(images.get(tag) ?? []), id]);
    }
    const sent = [...images].map(([tag, ids]) => send([tag, this.names.get(tag) ?? ""], ids, on));
    return Math.max(...(await Promise.all(sent)));
  }

  /**
   * @param {Tag[]} tags
   * @param {number | undefined} shown as in `Ticks`
   */
  confirm(tags, shown) {
    this.tags = tags;
    this.marks.confirm(
      tags.flatMap(([tag, , , ids]) => ids.map((id) => markOf(tag, id))),
      shown,
    );
  }

  /**
   * Gives a photo the tag of a digit, or takes it off. False when no tag has that digit.
   * @param {number} id
   * @param {number} digit
   */
  toggle(id, digit) {
    if (digit > this.tags.length) return false;
    const [tag, name] = this.tags[digit - 1];
    this.names.set(tag, name);
    const mark = markOf(tag, id);
    this.marks.set([mark], !this.marks.has(mark));
    return true;
  }

  /** @param {HTMLElement} cell */
  show(cell) {
    const found = this.tags.filter(([tag]) => this.marks.has(markOf(tag, Number(cell.dataset.id))));
    const dots = found.map(([, name, color]) => {
      const dot = make("span", "dot");
      dot.style.background = color;
      dot.title = name;
      return dot;
    });
    cell.querySelector(".tags")?.replaceChildren(...dots);
    const names = found.length ? `, tagged ${found.map(([, name]) => name).join(", ")}` : "";
    cell.setAttribute("aria-label", `${cell.dataset.name}${names}`);
  }
}
