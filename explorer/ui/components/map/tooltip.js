/** The photo beside the pointer. */

import { make } from "../common/elements.js";

/** @import { Point } from "./types.js" */

/** @typedef {{url: string, caption: string, note: string}} Content */

const DWELL = 16; // ms, a frame, on a point before its photo, which loads meanwhile, is shown
const GAP = 16; // pixels between pointer and photo

export class Tooltip {
  /** @param {HTMLElement} frame */
  constructor(frame) {
    this.frame = frame;
    this.element = make("div", "tooltip");
    this.element.dataset.testid = "map-tooltip";
    this.element.hidden = true;
    this.image = make("img");
    this.image.alt = "";
    this.image.onerror = () => this.element.classList.add("broken");
    this.caption = make("div");
    this.note = make("div", "note");
    this.element.append(this.image, this.caption, this.note);
    frame.append(this.element);
    this.timer = 0;
  }

  /**
   * Shows at once when it is open already: only the first photo waits, and loads meanwhile.
   * @param {Point} place
   * @param {Content} content
   */
  show(place, content) {
    clearTimeout(this.timer);
    this.#load(content.url);
    if (this.element.hidden) this.timer = setTimeout(() => this.#open(place, content), DWELL);
    else this.#open(place, content);
  }

  /** @param {string} url */
  #load(url) {
    if (this.image.getAttribute("src") === url) return;
    this.element.classList.remove("broken");
    this.image.src = url;
  }

  /**
   * @param {Point} place
   * @param {Content} content
   */
  #open([left, top], { caption, note }) {
    this.caption.textContent = caption;
    this.note.textContent = note;
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const right = left + GAP + width < this.frame.clientWidth;
    const x = right ? left + GAP : Math.max(4, left - GAP - width);
    const y = Math.max(4, Math.min(top - height / 2, this.frame.clientHeight - height - 4));
    this.element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
  }
}
