/** A grid of photos of which only those on screen are in the page. */

import { attach, holdBack, lastShown, release, send } from "../common/events.js";
import { createCell } from "./cell.js";
import { Layout } from "./layout.js";
import { Tagging } from "./tagging.js";
import { Ticks } from "./ticks.js";
import { createToolbar, recall } from "./toolbar.js";

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

function noteLinesOf(items) {
  const longest = items.reduce((most, item) => Math.max(most, item.note.length), 0);
  if (!longest) return 0;
  return longest > SHORT_NOTE ? 2 : 1;
}

/** Where the user was in each gallery: outlives a change of page. */
const places = new Map();

export class GalleryWidget {
  constructor() {
    this.items = [];
    this.cells = new Map(); // index -> element
    this.active = 0;
    this.anchor = 0;
    this.root = document.createElement("div");
    this.root.className = "explorer-gallery";
    this.list = document.createElement("div");
    this.list.className = "list";
    this.list.tabIndex = 0;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-multiselectable", "true");
    this.sheet = document.createElement("div");
    this.sheet.className = "sheet";
    this.sheet.setAttribute("role", "presentation");
    this.list.append(this.sheet);
    this.ticks = new Ticks((ids, on) =>
      this.#send("select", { ids, mode: on ? "add" : "subtract" }),
    );
    this.tagging = new Tagging((tag, ids, on) => this.#send("tag", { tag, ids, on }));
    this.flush = () => this.#flush();
    holdBack(this.flush);
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.observer = new ResizeObserver(() => this.#arrange());
    this.observer.observe(this.list);
  }

  /** @param component what Streamlit hands over; called again at every change of data or theme */
  update(component) {
    if (component.data.to.dataset !== this.component?.data.to.dataset) this.#flush();
    this.component = component;
    attach(component);
    const { data } = component;
    if (!this.toolbar) this.#build(data);
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

  #build(data) {
    this.settings = recall(data.key, { size: data.size, whole: false });
    this.toolbar = createToolbar(this.settings, {
      size: () => this.#arrange(true),
      whole: () => this.#arrange(true),
      tickAll: () =>
        this.#tick(
          this.items.map((item) => item.id),
          true,
        ),
      untickAll: () => this.#untickAll(),
    });
    if (data.toolbar) this.root.append(this.toolbar.element);
    this.root.classList.toggle("strip", data.strip);
    this.root.append(this.list);
  }

  #replaceItems(data, signature) {
    this.signature = signature;
    this.items = data.items.map(itemOf);
    this.shown = {
      captions: this.items.some((item) => item.caption),
      noteLines: noteLinesOf(this.items),
      count: this.items.length,
      thumb: data.thumb,
      actions: data.actions,
      fill: data.toolbar, // a short row of photos keeps to its height
      strip: data.strip,
    };
    this.empty?.remove();
    this.empty = null;
    if (!this.items.length) {
      this.empty = document.createElement("p");
      this.empty.className = "empty";
      this.empty.textContent = data.empty;
      this.list.append(this.empty);
    }
    const place = places.get(data.key);
    const returning = place?.signature === signature;
    this.active = returning ? place.active : 0;
    this.anchor = this.active;
    this.#clearCells();
    this.#arrange(true);
    this.list.scrollTo(returning ? place.scrollLeft : 0, returning ? place.scrollTop : 0);
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
    this.layout = this.#layoutFor(width);
    this.sheet.style.height = `${this.layout.height}px`;
    this.sheet.style.width = this.layout.strip ? `${this.layout.width}px` : "";
    this.root.classList.toggle("whole", this.settings.whole);
    // The frame of a chosen photo in the next line would show as a sliver.
    const cuts = !this.component.data.toolbar && !this.layout.strip;
    this.list.style.maxHeight = cuts ? `${this.layout.whole(this.#room) + 2 * PADDING}px` : "";
    if (before && before.columns !== this.layout.columns) {
      this.list.scrollTop = this.layout.place(top).top;
    }
    for (const [index, cell] of this.cells) this.#position(cell, index);
    return this.#render();
  }

  /** Pixels for the lines of a gallery that is all photos. */
  get #room() {
    return this.component.data.height - 2 * PADDING;
  }

  /** Where there is no slider, photos are somewhat smaller if that brings all into sight. */
  #layoutFor(width) {
    const { size } = this.settings;
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

  #position(cell, index) {
    const { left, top } = this.layout.place(index);
    cell.style.transform = `translate(${left}px, ${top}px)`;
    cell.style.width = `${this.layout.cellWidth}px`;
    cell.style.height = `${this.layout.cellHeight}px`;
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
      this.#position(cell, index);
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

  #tick(ids, on) {
    this.ticks.set(ids, on);
    this.#showTicks();
  }

  #toggle(index) {
    const { id } = this.items[index];
    this.anchor = index;
    this.#tick([id], !this.ticks.has(id));
  }

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

  #open(index) {
    this.#send(this.component.data.opens, { image: this.items[index].id });
  }

  #act(index, action) {
    this.#send(action, { image: this.items[index].id });
  }

  #tag(index, digit) {
    if (this.tagging.toggle(this.items[index].id, digit)) this.#showTicks();
    else this.#send("no tag", { digit });
  }

  #click(event) {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    const index = Number(cell.dataset.index);
    this.#moveTo(index);
    const { action } = event.target.closest("[data-action]")?.dataset ?? {};
    if (action) this.#act(index, action);
    else if (event.target.closest(".tick") || event.ctrlKey || event.metaKey) this.#toggle(index);
    else if (event.shiftKey) this.#tickRange(index);
    else {
      this.anchor = index;
      this.#open(index);
    }
  }

  #key(event) {
    if (!this.items.length || event.target !== this.list) return;
    const step = this.layout.stepOf(event.key, this.list);
    const command = event.ctrlKey || event.metaKey;
    if (step) {
      this.#moveTo(this.active + step);
      if (event.shiftKey) this.#tickRange(this.active);
      else this.anchor = this.active;
    } else if (event.key === "Enter") this.#open(this.active);
    else if (event.key === " ") this.#toggle(this.active);
    else if (event.key === "Escape") this.#untickAll();
    else if (this.#actionOf(event.key)) this.#act(this.active, this.#actionOf(event.key));
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

  #actionOf(key) {
    return this.component.data.actions.find(([, , sign]) => sign.replace("−", "-") === key)?.[0];
  }

  /** Makes a photo the active one and scrolls just far enough to show it. */
  #moveTo(index) {
    this.active = Math.max(0, Math.min(this.items.length - 1, index));
    this.layout.reveal(this.active, this.list);
    this.#render();
  }

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
