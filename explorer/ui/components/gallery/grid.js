/** The photos on a sheet that scrolls: only those in sight are in the page. */

import { make } from "../common/elements.js";
import { createCell } from "./cell.js";
import { itemOf, sharedOf } from "./items.js";
import { Layout } from "./layout.js";

/** @import { Settings } from "./toolbar.js" */
/** @import { GalleryData, Item } from "./types.js" */

const PADDING = 4; // pixels around the sheet
const SMALLEST = 64; // pixels of a photo in a gallery that has no slider for it

/** @typedef {{signature: string, scrollTop: number, scrollLeft: number, active: number}} Place */

/** @type {Map<string, Place>} where the user was in each gallery: outlives a change of page */
const places = new Map();

export class Grid {
  /**
   * @param {GalleryData} data
   * @param {Settings} settings
   * @param {() => void} onFresh other cells are in the page, and show no ticks and tags yet
   */
  constructor(data, settings, onFresh) {
    this.data = data;
    this.settings = settings;
    this.onFresh = onFresh;
    /** @type {Item[]} */
    this.items = [];
    this.shown = sharedOf([], data);
    this.signature = ""; // of the items
    /** @type {Map<number, HTMLElement>} by the place of their item */
    this.cells = new Map();
    /** @type {Layout | null} */
    this.layout = null;
    this.arrangedFor = 0; // pixels of width
    this.frame = 0; // the one that is asked for
    /** @type {HTMLElement | null} */
    this.empty = null;
    this.active = 0; // the item that the keys are about
    this.list = make("div", "list");
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.sheet = make("div", "sheet");
    this.sheet.setAttribute("role", "presentation");
    this.list.append(this.sheet);
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.observer = new ResizeObserver(() => this.arrange());
    this.observer.observe(this.list);
  }

  /**
   * Takes what Python sends; whether the photos are others now.
   * @param {GalleryData} data
   */
  take(data) {
    this.data = data;
    this.list.setAttribute("aria-label", data.label);
    const signature = JSON.stringify([data.items, data.thumb]);
    if (signature === this.signature) return false;
    this.signature = signature;
    this.items = data.items.map(itemOf);
    this.shown = sharedOf(this.items, data);
    this.empty?.remove();
    this.empty = null;
    if (!this.items.length) {
      this.empty = make("p", "empty", data.empty);
      this.list.append(this.empty);
    }
    this.#comeBack();
    return true;
  }

  /** Shows the new photos, from where the user was among them before, or from the first. */
  #comeBack() {
    const place = places.get(this.data.key);
    const back = place?.signature === this.signature ? place : null;
    this.active = back?.active ?? 0;
    for (const cell of this.cells.values()) cell.remove();
    this.cells.clear();
    this.arrange(true);
    this.list.scrollTo(back?.scrollLeft ?? 0, back?.scrollTop ?? 0);
    this.#render();
  }

  /** Lays the photos out for the width there is, keeping the first visible one where it is. */
  arrange(always = false) {
    const width = this.list.clientWidth - 2 * PADDING;
    if (!width || (!always && width === this.arrangedFor)) return this.#render();
    this.arrangedFor = width;
    const before = this.layout;
    const top = before ? Math.ceil(this.list.scrollTop / before.lineHeight) * before.columns : 0;
    const layout = this.#layoutFor(width);
    this.layout = layout;
    this.sheet.style.height = `${layout.height}px`;
    this.sheet.style.width = layout.strip ? `${layout.width}px` : "";
    this.list.classList.toggle("whole", this.settings.whole);
    // The frame of a chosen photo in the next line would show as a sliver.
    const cuts = !this.data.toolbar && !layout.strip;
    this.list.style.maxHeight = cuts ? `${layout.whole(this.#room) + 2 * PADDING}px` : "";
    if (before && before.columns !== layout.columns) this.list.scrollTop = layout.place(top).top;
    for (const [index, cell] of this.cells) this.#position(layout, cell, index);
    return this.#render();
  }

  /** Pixels for the lines of a gallery that is all photos. */
  get #room() {
    return this.data.height - 2 * PADDING;
  }

  /**
   * Where there is no slider, photos are somewhat smaller if that brings all into sight.
   * @param {number} width
   */
  #layoutFor(width) {
    const { size } = this.settings;
    /** @param {number} each */
    const sized = (each) => new Layout({ ...this.shown, width, size: each });
    const asked = sized(size);
    if (this.data.toolbar || asked.strip) return asked;
    const room = this.#room;
    for (let each = size; each >= SMALLEST; each -= 4) {
      const layout = sized(each);
      if (layout.height <= room) return layout;
    }
    return asked;
  }

  /**
   * @param {Layout} layout
   * @param {HTMLElement} cell
   * @param {number} index
   */
  #position(layout, cell, index) {
    const { left, top } = layout.place(index);
    cell.style.transform = `translate(${left}px, ${top}px)`;
    cell.style.width = `${layout.cellWidth}px`;
    cell.style.height = `${layout.cellHeight}px`;
  }

  #scrolled() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.#render();
    });
    const { signature, active } = this;
    const { scrollTop, scrollLeft } = this.list;
    places.set(this.data.key, { signature, scrollTop, scrollLeft, active });
  }

  /** Puts the cells of the visible lines (and the active one) into the page, takes others out. */
  #render() {
    if (!this.layout) return;
    const [from, to] = this.layout.window(this.list);
    const wanted = new Set(this.items.length ? [this.active] : []);
    for (let index = from; index < to; index++) wanted.add(index);
    for (const [index, cell] of this.cells) {
      if (wanted.has(index)) continue;
      cell.remove();
      this.cells.delete(index);
    }
    const fresh = [...wanted].filter((index) => !this.cells.has(index));
    for (const index of fresh) {
      const cell = createCell(this.items[index], index, this.shown);
      this.cells.set(index, cell);
      this.#position(this.layout, cell, index);
      this.sheet.append(cell);
    }
    if (fresh.length) this.onFresh();
    this.#showActive();
  }

  #showActive() {
    if (this.items.length) this.list.setAttribute("aria-activedescendant", `cell-${this.active}`);
    else this.list.removeAttribute("aria-activedescendant");
    for (const [index, cell] of this.cells) cell.classList.toggle("active", index === this.active);
  }

  /**
   * Makes a photo the active one and scrolls just far enough to show it.
   * @param {number} index past the ends: the last one
   */
  moveTo(index) {
    this.active = Math.max(0, Math.min(this.items.length - 1, index));
    this.layout?.reveal(this.active, this.list);
    this.#render();
  }

  /**
   * How far a key goes, in photos; undefined for a key that goes nowhere.
   * @param {string} key
   */
  stepOf(key) {
    return this.layout?.stepOf(key, this.list);
  }

  destroy() {
    this.observer.disconnect();
  }
}
