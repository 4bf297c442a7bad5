/** The query photo, in which a box can be drawn: only what is in it is asked for. */

import { make } from "../common/elements.js";
import { attach, send } from "../common/events.js";
import { mounted } from "../common/mount.js";

/** @import { Addressed, Component } from "../common/types.js" */

/** @typedef {[left: number, top: number, right: number, bottom: number]} Sides 0 to 1 */

/** @typedef {Addressed & {src: string, alt: string, crop: Sides | null}} CropData */

const SMALLEST = 0.02; // of the photo's side: less than that is a click
const STEP = 0.02; // of an arrow key

/** @type {Record<string, [across: number, down: number]>} */
const STEPS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

const SMALL = 256; // pixels of the longer side: a smaller photo is shown at that

/**
 * The width of a small photo at which its longer side can be looked at; a larger one has its own.
 * @param {HTMLImageElement} photo
 */
function widthOf({ naturalWidth: width, naturalHeight: height }) {
  const longest = Math.max(width, height);
  return longest && longest < SMALL ? `${(SMALL * width) / longest}px` : "";
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const within = (value, low, high) => Math.max(low, Math.min(high, value));

class CropWidget {
  /** @param {Component<CropData>} component */
  constructor(component) {
    this.component = component;
    /** @type {Sides | null} of the box that is drawn */
    this.sides = null;
    /** @type {Sides | null} of the one that is asked for */
    this.kept = null;
    this.root = make("div", "explorer-crop");
    this.frame = make("div", "frame");
    this.photo = make("img", "photo");
    this.photo.draggable = false;
    this.photo.addEventListener("load", () => {
      this.photo.style.width = widthOf(this.photo);
      this.root.dataset.ready = "";
    });
    this.box = make("div", "box");
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "group");
    this.frame.append(this.photo, this.box);
    const bar = make("div", "bar");
    this.part = make("button", "part", "Search by a part");
    this.part.title = "Or draw a box in the photo";
    this.part.addEventListener("click", () => this.#begin());
    this.whole = make("button", "whole", "The whole photo");
    this.whole.title = "Search by all of it again";
    this.whole.addEventListener("click", () => this.#send(null));
    this.status = make("span", "status");
    this.status.setAttribute("role", "status");
    bar.append(this.part, this.whole, this.status);
    this.root.append(this.frame, bar);
    this.#listenForPointer();
    this.box.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Component<CropData>} component */
  update(component) {
    this.component = component;
    attach(component);
    const { src, alt, crop } = component.data;
    if (this.photo.getAttribute("src") !== src) {
      delete this.root.dataset.ready;
      this.photo.src = src;
    }
    this.photo.alt = alt;
    this.kept = crop;
    this.#show(crop);
  }

  /** @param {Sides | null} sides */
  #show(sides) {
    this.sides = sides;
    this.box.hidden = !sides;
    this.part.hidden = Boolean(sides);
    this.whole.hidden = !this.kept;
    this.status.textContent = this.kept && sides ? "Only what is in the box is asked for." : "";
    if (!sides) return;
    const [left, top, right, bottom] = sides.map((side) => 100 * side);
    Object.assign(this.box.style, {
      left: `${left}%`,
      top: `${top}%`,
      width: `${right - left}%`,
      height: `${bottom - top}%`,
    });
    const said = sides.map((side) => `${Math.round(100 * side)} %`);
    this.box.setAttribute(
      "aria-label",
      `Part from ${said[0]} to ${said[2]} across and ${said[1]} to ${said[3]} down. ` +
        "Arrows move it, with Shift they size it, Enter searches, Escape takes it away.",
    );
  }

  #begin() {
    this.#show([0.25, 0.25, 0.75, 0.75]);
    this.status.textContent = "Arrows move, Shift and arrows size, Enter searches.";
    this.box.focus();
  }

  /** @param {Sides | null} sides */
  #send(sides) {
    this.status.textContent = "Looking …";
    send(this.component, "crop", { sides });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.sides) return; // then there is no box to press a key in
    const across = STEPS[event.key]?.[0] ?? 0;
    const down = STEPS[event.key]?.[1] ?? 0;
    let [left, top, right, bottom] = this.sides;
    if (event.key === "Enter") this.#send(this.sides);
    else if (event.key === "Escape" && this.kept) this.#send(null);
    else if (event.key === "Escape") this.#show(null);
    else if (!across && !down) return;
    else if (event.shiftKey) {
      right = within(right + across, left + SMALLEST, 1);
      bottom = within(bottom + down, top + SMALLEST, 1);
      this.#show([left, top, right, bottom]);
    } else {
      const x = within(across, -left, 1 - right);
      const y = within(down, -top, 1 - bottom);
      this.#show([left + x, top + y, right + x, bottom + y]);
    }
    event.preventDefault();
    event.stopPropagation(); // the page has keys of its own
  }

  #listenForPointer() {
    /**
     * @param {PointerEvent} event
     * @returns {[number, number]}
     */
    const place = (event) => {
      const seen = this.photo.getBoundingClientRect();
      return [
        within((event.clientX - seen.left) / seen.width, 0, 1),
        within((event.clientY - seen.top) / seen.height, 0, 1),
      ];
    };
    /** @type {[number, number] | null} */
    let start = null;
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.frame.setPointerCapture(event.pointerId);
      start = place(event);
    });
    this.frame.addEventListener("pointermove", (event) => {
      if (!start) return;
      const [x, y] = place(event);
      const [left, right] = [Math.min(start[0], x), Math.max(start[0], x)];
      const [top, bottom] = [Math.min(start[1], y), Math.max(start[1], y)];
      this.#show([left, top, right, bottom]);
    });
    const finish = () => {
      if (!start) return;
      start = null;
      const [left, top, right, bottom] = this.sides ?? [0, 0, 0, 0];
      const drawn = String(this.sides) !== String(this.kept);
      if (drawn && right - left > SMALLEST && bottom - top > SMALLEST) this.#send(this.sides);
      else this.#show(this.kept);
    };
    this.frame.addEventListener("pointerup", finish);
    this.frame.addEventListener("pointercancel", finish);
  }
}

export default await mounted(import.meta.url, {
  styles: ["crop.css"],
  create: (component) => new CropWidget(component),
});
