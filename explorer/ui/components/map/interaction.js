/** What people do on a map, and what comes of it: they point, ask, select, and move the view. */

import { toBase64 } from "../common/base64.js";
import { send } from "../common/events.js";
import { bitsOf, bitsOfIds, combine, countBits, emptyBits, hasBit } from "./bits.js";
import { MISSING_CATEGORY } from "./colors.js";
import { Gestures } from "./gestures.js";
import { rowsInside } from "./lasso.js";
import { linked, translate } from "./links.js";
import { Tooltip } from "./tooltip.js";

/** @import { Listener } from "./gestures.js" */
/** @import { Content } from "./tooltip.js" */
/** @import { Mode, Point } from "./types.js" */
/** @import { MapWidget } from "./widget.js" */

const PICK_RADIUS = 10; // pixels
const PICK_RADIUS_TOUCH = 14;

export class Interaction {
  /** @param {MapWidget} map */
  constructor(map) {
    this.map = map;
    this.renderer = map.renderer;
    this.plot = map.frame.plot;
    this.clicked = -1;
    this.tooltip = new Tooltip(map.frame.stage);
    this.gestures = new Gestures(this.plot, this.#listener());
  }

  /** @returns {Listener} */
  #listener() {
    const { map, renderer } = this;
    return {
      hover: (place, touch) => this.#hover(this.#rowAt(place, touch), place),
      leave: () => this.#hover(-1),
      click: (place, touch, mode) => this.#click(this.#rowAt(place, touch), mode),
      lassoMoves: (path) => renderer.change({ lasso: path }),
      lasso: (path, mode) => this.#lasso(path, mode),
      pan: (x, y) => map.move(() => renderer.view.panBy(x, y)),
      turn: (x, y) => map.move(() => map.places.turn(x, y)),
      zoom: ([left, top], factor) => map.move(() => renderer.view.zoomAt(left, top, factor)),
      reset: () => map.reset(),
      clear: () => this.#clear(),
      open: () => this.#click(renderer.scene.hovered, "replace"),
      tick: () => this.#tick(renderer.scene.hovered),
    };
  }

  /**
   * @param {Point} place
   * @param {boolean} touch
   */
  #rowAt(place, touch) {
    return this.renderer.rowAt(place, touch ? PICK_RADIUS_TOUCH : PICK_RADIUS);
  }

  /**
   * @param {number} row -1: none
   * @param {Point} [place]
   */
  #hover(row, place) {
    if (row !== this.renderer.scene.hovered) {
      this.renderer.change({ hovered: row });
      for (const other of linked(this.map)) other.point(this.map.ids[row] ?? -1);
    }
    this.plot.classList.toggle("over-point", row >= 0);
    if (row !== this.clicked) this.clicked = -1;
    if (!place || row < 0 || row === this.clicked) this.tooltip.hide();
    else this.tooltip.show(place, this.#describe(row));
  }

  /**
   * @param {number} row
   * @returns {Content}
   */
  #describe(row) {
    const { color } = this.map.component.data;
    const value = this.map.values[row];
    let text = color.missing ?? "none";
    if (color.kind === "number" && !Number.isNaN(value)) text = String(+value.toPrecision(4));
    else if (color.kind !== "number" && value !== MISSING_CATEGORY) {
      text = color.categories[value]?.name ?? `#${value}`;
    }
    const note = `${color.title} · image ${this.map.ids[row]}`;
    return { url: this.renderer.urlOf(row), caption: text, note };
  }

  /**
   * A plain click asks for the neighbours; with the keys of the lasso it selects.
   * @param {number} row -1: none
   * @param {Mode} mode
   */
  #click(row, mode) {
    if (row < 0) return;
    const { component, ids } = this.map;
    if (mode !== "replace") return void this.#select(bitsOf(component.data.n, row), mode);
    this.clicked = row; // its photo is now beside the map: the one at the pointer would only cover it
    this.tooltip.hide();
    send(component, "ask", { image: ids[row] });
  }

  /** @param {number} row -1: none */
  #tick(row) {
    const { selected } = this.renderer;
    this.#click(row, selected && hasBit(selected, row) ? "subtract" : "add");
  }

  /**
   * @param {Point[]} path pixels
   * @param {Mode} mode
   */
  #lasso(path, mode) {
    const { renderer } = this;
    if (!renderer.grid) return;
    const loop = path.map(([left, top]) => renderer.view.toWorld(left, top));
    this.#select(rowsInside(renderer.grid, loop, renderer.accepts).bits, mode);
  }

  /**
   * Shows the new selection at once; Python hears of the change and has the last word.
   * @param {Uint8Array} bits over rows: the change
   * @param {Mode} mode
   */
  #select(bits, mode) {
    const { map, renderer } = this;
    const selected = combine(renderer.selected, bits, mode);
    map.light(countBits(selected) ? selected : null);
    for (const other of linked(map)) other.light(translate(renderer.selected, map.ids, other.ids));
    const chosen = bitsOfIds(bits, map.ids); // a row may be another image's by the time it arrives
    const n = (map.ids.at(-1) ?? -1) + 1;
    send(map.component, "lasso", { n, bits: toBase64(chosen), mode });
  }

  /** Escape lets go of one thing at a time: first the legend's choice, then the selection. */
  #clear() {
    const { component, legend } = this.map;
    if (legend.active) legend.clear();
    else if (this.renderer.selected) this.#select(emptyBits(component.data.n), "replace");
  }

  /** The view has moved: another point may be under the pointer, or in the middle. */
  moved() {
    this.tooltip.hide();
    const page = this.plot.getRootNode();
    const focused = page instanceof ShadowRoot && page.activeElement === this.plot;
    if (focused && this.plot.matches(":focus-visible")) this.#pointAtMiddle();
  }

  /** With the keyboard the middle of the frame is the pointer. */
  #pointAtMiddle() {
    /** @type {Point} */
    const middle = [this.plot.clientWidth / 2, this.plot.clientHeight / 2];
    this.#hover(this.renderer.rowAt(middle, 4 * PICK_RADIUS), middle);
  }
}
