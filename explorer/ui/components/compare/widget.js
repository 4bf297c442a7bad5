/** Two photos over one another: a slider wipes between them, or only what differs is left. */

import { make } from "../common/elements.js";
import { meanDifference } from "./difference.js";

/** @import { Component } from "../common/types.js" */

/** @typedef {{url: string, name: string, facts: string}} Photo */

/** @typedef {{first: Photo, second: Photo, height: number}} CompareData */

/** @typedef {"swipe" | "difference" | "beside"} Mode */

/** @type {Record<Mode, {title: string, says: string}>} */
const MODES = {
  swipe: { title: "Swipe", says: "Left of the line the first photo, right of it the second" },
  difference: {
    title: "Difference",
    says: "Black is equal; the slider makes differences brighter",
  },
  beside: { title: "Side by side", says: "Both photos whole" },
};
const MODE_NAMES = /** @type {Mode[]} */ (Object.keys(MODES));
const SAME_SHAPE = 0.02; // up to this difference of aspect one photo is stretched over the other
const BRIGHTEST = 12; // times

export class CompareWidget {
  constructor() {
    /** @type {Mode} */
    this.mode = "swipe";
    this.urls = "";
    /** @type {Partial<Record<Mode, number>>} per cent of the slider's way */
    this.settings = { swipe: 50, difference: 25 };
    this.root = make("div", "explorer-compare");
    this.stage = make("div", "stage");
    this.pair = make("div", "pair");
    this.photos = [make("img", "first"), make("img", "second")];
    this.line = make("div", "line");
    this.pair.append(...this.photos, this.line);
    this.stage.append(this.pair);
    this.captions = [make("div", "caption"), make("div", "caption")];
    const captions = make("div", "captions");
    captions.append(...this.captions);
    this.buttons = MODE_NAMES.map((mode) => this.#button(mode));
    this.slider = make("input");
    this.slider.type = "range";
    this.slider.addEventListener("input", () => this.#slide(this.slider.valueAsNumber));
    this.status = make("span", "status");
    this.status.setAttribute("role", "status");
    const toolbar = make("div", "toolbar");
    toolbar.append(...this.buttons, this.slider, this.status);
    this.root.append(toolbar, this.stage, captions);
    for (const photo of this.photos) {
      photo.draggable = false;
      photo.onerror = () => this.#fail();
    }
    this.#listenForSwipes();
    this.#setMode("swipe");
  }

  /** @param {Mode} mode */
  #button(mode) {
    const button = make("button", "", MODES[mode].title);
    button.title = MODES[mode].says;
    button.addEventListener("click", () => this.#setMode(mode));
    button.dataset.mode = mode;
    return button;
  }

  /** @param {Component<CompareData>} component */
  async update({ data }) {
    this.stage.style.height = `${data.height}px`;
    [data.first, data.second].forEach(({ name, facts }, place) => {
      this.photos[place].alt = name;
      this.captions[place].replaceChildren(make("b", "", name), make("span", "", facts));
    });
    const urls = [data.first.url, data.second.url];
    if (urls.join() === this.urls) return;
    this.urls = urls.join();
    delete this.root.dataset.ready;
    this.status.textContent = "Loading …";
    this.photos.forEach((photo, place) => {
      photo.src = urls[place];
    });
    try {
      await Promise.all(this.photos.map((photo) => photo.decode()));
    } catch {
      return; // The photos themselves report what cannot be shown, and a newer pair may have come.
    }
    if (urls.join() === this.urls) this.#show();
  }

  #show() {
    const [first, second] = this.photos.map((photo) => photo.naturalWidth / photo.naturalHeight);
    this.pair.style.setProperty("--ratio", String(first));
    this.pair.classList.toggle("stretched", Math.abs(first / second - 1) <= SAME_SHAPE);
    const apart = meanDifference(this.photos[0], this.photos[1]);
    this.status.textContent =
      apart === 0
        ? "The pixels are equal"
        : `${apart.toFixed(apart < 10 ? 1 : 0)} of 255 levels apart on average`;
    this.root.dataset.ready = this.mode;
  }

  #fail() {
    this.status.textContent = "A photo cannot be shown: its file has moved or is damaged.";
  }

  /** @param {Mode} mode */
  #setMode(mode) {
    this.mode = mode;
    this.root.dataset.mode = mode;
    if ("ready" in this.root.dataset) this.root.dataset.ready = mode;
    for (const button of this.buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.slider.hidden = mode === "beside";
    this.slider.title = mode === "swipe" ? "Where the line is" : "How much brighter";
    this.slider.setAttribute("aria-label", this.slider.title);
    const percent = this.settings[mode];
    if (percent === undefined) return;
    this.slider.value = String(percent);
    this.#slide(percent);
  }

  /** @param {number} percent */
  #slide(percent) {
    this.settings[this.mode] = percent;
    if (this.mode === "swipe") this.pair.style.setProperty("--swipe", `${percent}%`);
    else this.pair.style.setProperty("--brighter", String(1 + (percent / 100) * (BRIGHTEST - 1)));
  }

  /** In the photo itself the line follows the pointer. */
  #listenForSwipes() {
    /** @param {PointerEvent} event */
    const follow = (event) => {
      if (this.mode !== "swipe" || !(event.buttons & 1)) return;
      const box = this.pair.getBoundingClientRect();
      const percent = (100 * (event.clientX - box.left)) / box.width;
      this.slider.value = String(Math.max(0, Math.min(100, percent)));
      this.#slide(this.slider.valueAsNumber);
    };
    this.pair.addEventListener("pointerdown", (event) => {
      this.pair.setPointerCapture(event.pointerId);
      follow(event);
    });
    this.pair.addEventListener("pointermove", follow);
  }
}
