/** A grid of photos of which only those on screen are in the page. */

import { closest, make } from "../common/elements.js";
import { attach, holdBack, lastShown, release, send } from "../common/events.js";
import { createCell } from "./cell.js";
import { Layout } from "./layout.js";
import { Tagging } from "./tagging.js";
import { Ticks } from "./ticks.js";
import { createToolbar, recall } from "./toolbar.js";

/** @import { Component } from "../common/types.js" */
/** @import { GalleryData, Item, ItemWire, Shown } from "./types.js" */

/**
 * @param {ItemWire} wire
 * @returns {Item}
 */
const itemOf = ([id, caption = "", badge = "", tone = "", note = ""]) => ({
  id,
  caption,
  badge,
  tone,
  note,
});

const PADDING = 4; // pixels around the sheet
const SHORT_NOTE = 14; // characters that fit the smallest cells
const SMALLEST = 64; // pixels of a photo in a gallery that has no slider for it

/** @param {Item[]} items */
function noteLinesOf(items) {
  const longest = items.reduce((most, item) => Math.max(most, item.note.length), 0);
  if (!longest) return 0;
  return longest > SHORT_NOTE ? 2 : 1;
}

/**
 * What all cells have in common.
 * @param {Item[]} items
 * @param {GalleryData} data
 * @returns {Shown}
 */
const sharedOf = (items, data) => ({
  captions: items.some((item) => item.caption),
  noteLines: noteLinesOf(items),
  count: items.length,
  thumb: data.thumb,
  actions: data.actions,
  fill: data.toolbar, // a short row of photos keeps to its height
  strip: data.strip,
});

/** @typedef {{signature: string, scrollTop: number, scrollLeft: number, active: number}} Place */

/** @type {Map<string, Place>} where the user was in each gallery: outlives a change of page */
const places = new Map();

export class GalleryWidget {
  /** @param {Component<GalleryData>} component */
  constructor(component) {
    this.component = component;
    /** @type {Item[]} */
    this.items = [];
    this.shown = sharedOf([], component.data);
    this.signature = ""; // of the items
    /** @type {Map<number, HTMLElement>} by the place of their item */
    this.cells = new Map();
    /** @type {Layout | null} */
    this.layout = null;
    this.arrangedFor = 0; // pixels of width
    this.frame = 0; // the one that is asked for
    /** @type {HTMLElement | null} */
    this.empty = null;
    this.active = 0;
    this.anchor = 0;
    this.root = make("div", "explorer-gallery");
    this.list = make("div", "list");
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.sheet = make("div", "sheet");
    this.sheet.setAttribute("role", "presentation");
    this.list.append(this.sheet);
    /** @type {Ticks<number>} */
    this.ticks = new Ticks((ids, on) =>
      this.#send("select", { ids, mode: on ? "add" : "subtract" }),
    );
    this.tagging = new Tagging((tag, ids, on) => this.#send("tag", { tag, ids, on }));
    this.flush = () => this.#flush();
    holdBack(this.flush);
    this.settings = recall(component.data.key, { size: component.data.size, whole: false });
    this.toolbar = this.#build(component.data);
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.observer = new ResizeObserver(() => this.#arrange());
    this.observer.observe(this.list);
  }

  /** @param {Component<GalleryData>} component called again at every change of data or theme */
  update(component) {
    if (component.data.to.dataset !== this.component.data.to.dataset) this.#flush();
    this.component = component;
    attach(component);
    const { data } = component;
    this.root.style.height = `${data.height}px`;
    this.list.setAttribute("aria-label", data.label);
    const signature = JSON.stringify([data.items, data.thumb]);
    if (signature !== this.signature) this.#replaceItems(data, signature);
    const shown = lastShown(component);
    this.ticks.confirm(data.ticked, shown);
    this.tagging.confirm(data.tags, shown);
    this.#showTicks();
    this.root.dataset.ready = "";
  }

  /** @param {GalleryData} data */
  #build(data) {
    const toolbar = createToolbar(this.settings, {
      size: () => this.#arrange(true),
      whole: () => this.#arrange(true),
      tickAll: () =>
        this.#tick(
          this.items.map((item) => item.id),
          true,
        ),
      untickAll: () => this.#untickAll(),
    });
    if (data.toolbar) this.root.append(toolbar.element);
    this.root.classList.toggle("strip", data.strip);
    this.root.append(this.list);
    return toolbar;
  }

  /**
   * @param {GalleryData} data
   * @param {string} signature
   */
  #replaceItems(data, signature) {
    this.signature = signature;
    this.items = data.items.map(itemOf);
    this.shown = sharedOf(this.items, data);
    this.empty?.remove();
    this.empty = null;
    if (!this.items.length) {
      this.empty = make("p", "empty", data.empty);
      this.list.append(this.empty);
    }
    const place = places.get(data.key);
    const back = place?.signature === signature ? place : null;
    this.active = back?.active ?? 0;
    this.anchor = this.active;
    this.#clearCells();
    this.#arrange(true);
    this.list.scrollTo(back?.scrollLeft ?? 0, back?.scrollTop ?? 0);
    this.#render();
  }

  #clearCells() {
    for (const cell of this.cells.values()) cell.remove();
    this.cells.clear();
  }

  /** Lays the grid out for the width there is, keeping the first visible photo where it is. */
  #arrange(always = false) {
    const width = this.list.clientWidth - 2 * PADDING;
    if (!width || (!always && width === this.arrangedFor)) return this.#render();
    this.arrangedFor = width;
    const before = this.layout;
    const top = before ? Math.ceil(this.list.scrollTop / before.lineHeight) * before.columns : 0;
    const layout = this.#layoutFor(width);
    this.layout = layout;
    this.sheet.style.height = `${layout.height}px`;
    this.sheet.style.width = layout.strip ? `${layout.width}px` : "";
    this.root.classList.toggle("whole", this.settings.whole);
    // The frame of a chosen photo in the next line would show as a sliver.
    const cuts = !this.component.data.toolbar && !layout.strip;
    this.list.style.maxHeight = cuts ? `${layout.whole(this.#room) + 2 * PADDING}px` : "";
    if (before && before.columns !== layout.columns) this.list.scrollTop = layout.place(top).top;
    for (const [index, cell] of this.cells) this.#position(layout, cell, index);
    return this.#render();
  }

  /** Pixels for the lines of a gallery that is all photos. */
  get #room() {
    return this.component.data.height - 2 * PADDING;
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
    if (this.component.data.toolbar || asked.strip) return asked;
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
    places.set(this.component.data.key, {
      signature: this.signature,
      scrollTop: this.list.scrollTop,
      scrollLeft: this.list.scrollLeft,
      active: this.active,
    });
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
    if (fresh.length) this.#showTicks();
    this.#showActive();
  }

  #showTicks() {
    for (const cell of this.cells.values()) {
      cell.setAttribute("aria-selected", String(this.ticks.has(Number(cell.dataset.id))));
      this.tagging.show(cell);
    }
    const ticked = this.items.filter((item) => this.ticks.has(item.id)).length;
    this.toolbar.tell(this.items.length, ticked);
  }

  #showActive() {
    if (this.items.length) this.list.setAttribute("aria-activedescendant", `cell-${this.active}`);
    else this.list.removeAttribute("aria-activedescendant");
    for (const [index, cell] of this.cells) cell.classList.toggle("active", index === this.active);
  }

  /**
   * @param {number[]} ids
   * @param {boolean} on
   */
  #tick(ids, on) {
    this.ticks.set(ids, on);
    this.#showTicks();
  }

  /** @param {number} index */
  #toggle(index) {
    const { id } = this.items[index];
    this.anchor = index;
    this.#tick([id], !this.ticks.has(id));
  }

  /** @param {number} index */
  #tickRange(index) {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    this.#tick(
      this.items.slice(from, to + 1).map((item) => item.id),
      true,
    );
  }

  #untickAll() {
    this.#tick(
      this.items.map((item) => item.id),
      false,
    );
  }

  /** @param {number} index */
  #open(index) {
    this.#send(this.component.data.opens, { image: this.items[index].id });
  }

  /**
   * @param {number} index
   * @param {string} action the name of its event
   */
  #act(index, action) {
    this.#send(action, { image: this.items[index].id });
  }

  /**
   * @param {number} index
   * @param {number} digit
   */
  #tag(index, digit) {
    if (this.tagging.toggle(this.items[index].id, digit)) this.#showTicks();
    else this.#send("no tag", { digit });
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const cell = closest(event, ".cell");
    if (!cell) return;
    const index = Number(cell.dataset.index);
    this.#moveTo(index);
    const { action } = closest(event, "[data-action]")?.dataset ?? {};
    if (action) this.#act(index, action);
    else if (closest(event, ".tick") || event.ctrlKey || event.metaKey) this.#toggle(index);
    else if (event.shiftKey) this.#tickRange(index);
    else {
      this.anchor = index;
      this.#open(index);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.items.length || !this.layout || event.target !== this.list) return;
    const step = this.layout.stepOf(event.key, this.list);
    const command = event.ctrlKey || event.metaKey;
    const action = this.#actionOf(event.key);
    if (step) {
      this.#moveTo(this.active + step);
      if (event.shiftKey) this.#tickRange(this.active);
      else this.anchor = this.active;
    } else if (event.key === "Enter") this.#open(this.active);
    else if (event.key === " ") this.#toggle(this.active);
    else if (event.key === "Escape") this.#untickAll();
    else if (action) this.#act(this.active, action);
    else if (/^[1-9]$/.test(event.key) && !command) this.#tag(this.active, Number(event.key));
    else if (event.key === "a" && command)
      this.#tick(
        this.items.map((item) => item.id),
        true,
      );
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} key */
  #actionOf(key) {
    return this.component.data.actions.find(([, , sign]) => sign.replace("−", "-") === key)?.[0];
  }

  /**
   * Makes a photo the active one and scrolls just far enough to show it.
   * @param {number} index past the ends: the last one
   */
  #moveTo(index) {
    this.active = Math.max(0, Math.min(this.items.length - 1, index));
    this.layout?.reveal(this.active, this.list);
    this.#render();
  }

  /**
   * @param {string} what
   * @param {object} more
   */
  #send(what, more) {
    return send(this.component, what, more);
  }

  /** What is held back, to be sent together, goes now. */
  #flush() {
    this.ticks.flush();
    this.tagging.marks.flush();
  }

  destroy() {
    this.#flush();
    release(this.flush);
    this.observer.disconnect();
  }
}
