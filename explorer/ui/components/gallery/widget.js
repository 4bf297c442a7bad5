/** Photos to look at, tick and tag: what people do with the grid, and what Python knows of it. */

import { closest, make } from "../common/elements.js";
import { attach, holdBack, lastShown, release, send } from "../common/events.js";
import { Grid } from "./grid.js";
import { Tagging } from "./tagging.js";
import { Ticks } from "./ticks.js";
import { createToolbar, recall } from "./toolbar.js";

/** @import { Component } from "../common/types.js" */
/** @import { GalleryData, Item } from "./types.js" */

export class GalleryWidget {
  /** @param {Component<GalleryData>} component */
  constructor(component) {
    this.component = component;
    this.root = make("div", "explorer-gallery");
    this.anchor = 0; // where a range of ticks begins
    /** @type {Ticks<number>} */
    this.ticks = new Ticks((ids, on) =>
      this.#send("select", { ids, mode: on ? "add" : "subtract" }),
    );
    this.tagging = new Tagging((tag, ids, on) => this.#send("tag", { tag, ids, on }));
    this.flush = () => this.#flush();
    holdBack(this.flush);
    this.settings = recall(component.data.key, { size: component.data.size, whole: false });
    this.grid = new Grid(component.data, this.settings, () => this.#showTicks());
    this.toolbar = this.#build(component.data);
    this.grid.list.addEventListener("click", (event) => this.#click(event));
    this.grid.list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Component<GalleryData>} component called again at every change of data or theme */
  update(component) {
    if (component.data.to.dataset !== this.component.data.to.dataset) this.#flush();
    this.component = component;
    attach(component);
    const { data } = component;
    this.root.style.height = `${data.height}px`;
    if (this.grid.take(data)) this.anchor = this.grid.active;
    const shown = lastShown(component);
    this.ticks.confirm(data.ticked, shown);
    this.tagging.confirm(data.tags, shown);
    this.#showTicks();
    this.root.dataset.ready = "";
  }

  /** @param {GalleryData} data */
  #build(data) {
    const toolbar = createToolbar(this.settings, {
      size: () => this.grid.arrange(true),
      whole: () => this.grid.arrange(true),
      tickAll: () => this.#tick(this.grid.items, true),
      untickAll: () => this.#tick(this.grid.items, false),
    });
    if (data.toolbar) this.root.append(toolbar.element);
    this.root.classList.toggle("strip", data.strip);
    this.root.append(this.grid.list);
    return toolbar;
  }

  #showTicks() {
    for (const cell of this.grid.cells.values()) {
      cell.setAttribute("aria-selected", String(this.ticks.has(Number(cell.dataset.id))));
      this.tagging.show(cell);
    }
    const { items } = this.grid;
    const ticked = items.filter((item) => this.ticks.has(item.id)).length;
    this.toolbar.tell(items.length, ticked);
  }

  /**
   * @param {Item[]} items
   * @param {boolean} on
   */
  #tick(items, on) {
    this.ticks.set(
      items.map(({ id }) => id),
      on,
    );
    this.#showTicks();
  }

  /** @param {number} index */
  #toggle(index) {
    const item = this.grid.items[index];
    this.anchor = index;
    this.#tick([item], !this.ticks.has(item.id));
  }

  /** @param {number} index */
  #tickRange(index) {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    this.#tick(this.grid.items.slice(from, to + 1), true);
  }

  /** @param {number} index */
  #open(index) {
    this.#send(this.component.data.opens, { image: this.grid.items[index].id });
  }

  /**
   * @param {number} index
   * @param {string} action the name of its event
   */
  #act(index, action) {
    this.#send(action, { image: this.grid.items[index].id });
  }

  /**
   * @param {number} index
   * @param {number} digit
   */
  #tag(index, digit) {
    if (this.tagging.toggle(this.grid.items[index].id, digit)) this.#showTicks();
    else this.#send("no tag", { digit });
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const cell = closest(event, ".cell");
    if (!cell) return;
    const index = Number(cell.dataset.index);
    this.grid.moveTo(index);
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
    const { grid } = this;
    if (!grid.items.length || !grid.layout || event.target !== grid.list) return;
    const step = grid.stepOf(event.key);
    const command = event.ctrlKey || event.metaKey;
    const action = this.#actionOf(event.key);
    if (step) {
      grid.moveTo(grid.active + step);
      if (event.shiftKey) this.#tickRange(grid.active);
      else this.anchor = grid.active;
    } else if (event.key === "Enter") this.#open(grid.active);
    else if (event.key === " ") this.#toggle(grid.active);
    else if (event.key === "Escape") this.#tick(grid.items, false);
    else if (action) this.#act(grid.active, action);
    else if (/^[1-9]$/.test(event.key) && !command) this.#tag(grid.active, Number(event.key));
    else if (event.key === "a" && command) this.#tick(grid.items, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} key */
  #actionOf(key) {
    return this.component.data.actions.find(([, , sign]) => sign.replace("−", "-") === key)?.[0];
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
    this.grid.destroy();
  }
}
