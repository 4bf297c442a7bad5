/** One map in the page: loads what Python points to, keeps the state, answers the user. */

import { attach, send } from "../common/events.js";
import {
  bitsOf,
  bitsOfIds,
  combine,
  countBits,
  emptyBits,
  hasBit,
  sameBits,
  toBase64,
} from "./bits.js";
import { codesOfCategories, codesOfNumbers, emphasise, paletteOf } from "./colours.js";
import { fetchArray, fetchBits } from "./columns.js";
import { Density } from "./density.js";
import { NoWebGL } from "./engine.js";
import { Frame } from "./frame.js";
import { Gestures } from "./gestures.js";
import { rowsInside } from "./lasso.js";
import { Legend } from "./legend.js";
import { link, linked, rowOf, translate } from "./links.js";
import { readTheme } from "./overlay.js";
import { Places } from "./places.js";
import { Renderer } from "./renderer.js";
import { savePicture } from "./save.js";
import { createToolbar } from "./toolbar.js";
import { Tooltip } from "./tooltip.js";

const PICK_RADIUS = 10; // pixels
const PICK_RADIUS_TOUCH = 14;
const MISSING_CATEGORY = 65535;
const CLOSE = 4; // times: near enough to see what is around a point

const NEEDS_WEBGL =
  "The map cannot be drawn: it needs WebGL2, which this browser does not offer. " +
  "Switch on hardware acceleration, or use a current Chrome, Edge, Firefox or Safari.";

/** Where each map was looking, by its layout: outlives the widget. */
const views = new Map();

export class MapWidget {
  constructor() {
    this.loaded = {}; // what is on the graphics card, by where it came from
    this.turn = 0;
    this.clicked = -1;
    this.frame = new Frame();
    Object.assign(this, { root: this.frame.root, plot: this.frame.plot });
    this.root.pointOnScreen = (row) => this.#pointOnScreen(row);
    this.#start();
  }

  #start() {
    try {
      this.renderer = new Renderer(this.plot);
    } catch (error) {
      this.frame.say(
        error instanceof NoWebGL ? NEEDS_WEBGL : `The map cannot be drawn: ${error.message}`,
      );
      return;
    }
    this.places = new Places(this.renderer);
    this.renderer.onLook = (x, y) => this.#move(() => Object.assign(this.renderer.view, { x, y }));
    this.renderer.urlOf = (row) => this.component.data.thumb.replace("{id}", this.ids?.[row] ?? "");
    this.tooltip = new Tooltip(this.frame.stage);
    this.legend = new Legend(this.frame.aside, (codes) => this.#emphasise(codes));
    this.gestures = new Gestures(this.plot, this.#listener());
    this.toolbar = createToolbar({
      tool: (name) => this.gestures.setTool(name),
      zoom: (factor) => this.#zoom([this.plot.clientWidth / 2, this.plot.clientHeight / 2], factor),
      reset: () => this.#reset(),
      photos: (shown) => {
        this.renderer.thumbnails.enabled = shown;
        this.renderer.invalidate(false);
      },
      density: (shown) => this.#shade(shown),
      save: (format) => savePicture(this.renderer, format),
    });
    this.frame.stage.append(this.toolbar);
  }

  /** @param component what Streamlit hands over; called again at every change of data or theme */
  async update(component) {
    this.component = component;
    attach(component);
    const { data } = component;
    const turn = ++this.turn;
    // The page may say it otherwise, by the height of its window.
    this.root.style.height = `var(--map-height, ${data.height}px)`;
    this.frame.hint.textContent = data.hint ?? "";
    this.plot.setAttribute("aria-label", data.label);
    if (!this.renderer) return;
    link(this, data.link);
    this.renderer.setTheme(readTheme(this.root));
    try {
      const isCurrent = () => turn === this.turn;
      await this.#load(data, isCurrent);
      if (!isCurrent()) return;
    } catch (error) {
      if (turn === this.turn) {
        this.frame.say(`The map's data could not be loaded: ${error.message}.`, () =>
          this.update(this.component),
        );
      }
      return;
    }
    this.frame.message.hidden = true;
    Object.assign(this.renderer.scene, {
      query: data.query ?? null,
      neighbours: data.neighbours ?? [],
      labels: (data.labels ?? []).slice().sort((one, other) => other.size - one.size),
    });
    this.#tellCount();
    this.#look(data.look);
    this.renderer.paintNow();
    await this.places.rest;
    if (turn !== this.turn) return;
    this.root.dataset.layout = [data.x, data.y, data.z].join(" ");
    this.root.dataset.ready = data.colour.url;
    setTimeout(() => {
      if (turn !== this.turn) return;
      this.renderer.buildGrid();
      this.root.dataset.pickable = "";
    });
  }

  /** Fetches only what changed since the last time. */
  async #load(data, isCurrent) {
    const { loaded, renderer } = this;
    const movesPoints = loaded.x !== data.x || loaded.y !== data.y || loaded.z !== data.z;
    const colour = JSON.stringify(data.colour);
    const filter = JSON.stringify(data.filter);
    const recolours = movesPoints || loaded.colour !== colour || loaded.filter !== filter;
    if (recolours) delete this.root.dataset.ready;
    const ColourArray = data.colour.kind === "number" ? Float32Array : Uint16Array;
    const [x, y, z, values, ids, selected, shown] = await Promise.all([
      movesPoints && fetchArray(data.x, Float32Array),
      movesPoints && fetchArray(data.y, Float32Array),
      movesPoints && data.z && fetchArray(data.z, Float32Array),
      recolours && fetchArray(data.colour.url, ColourArray),
      loaded.ids !== data.ids && fetchArray(data.ids, Int32Array),
      fetchBits(data.selection),
      fetchBits(data.filter),
    ]);
    if (!isCurrent()) return;
    if (ids) this.ids = ids;
    if (movesPoints) {
      this.places.arrive({ x, y, z, ids: this.ids }, views.get(data.x));
      this.toolbar.offerTurning(Boolean(z));
      if (x.length >= Density.MANY && !this.shaded) this.#shade(true);
    }
    if (recolours) this.#recolour(data.colour, values, shown);
    if (movesPoints || !sameBits(selected, renderer.selected) || !sameBits(shown, renderer.shown)) {
      renderer.setFlags(selected, shown);
    }
    Object.assign(loaded, { x: data.x, y: data.y, z: data.z, ids: data.ids, colour, filter });
  }

  #recolour(colour, values, shown) {
    this.values = values;
    const codes =
      colour.kind === "number" ? codesOfNumbers(values, colour.range) : codesOfCategories(values);
    this.palette = paletteOf(colour);
    this.renderer.emphasised = null;
    this.renderer.setColours(codes, this.palette);
    this.legend.render(colour, codes, this.palette, shown);
  }

  #emphasise(codes) {
    this.renderer.setEmphasis(codes, emphasise(this.palette, codes));
  }

  /** @returns {import("./gestures.js").Listener} */
  #listener() {
    return {
      hover: (place, touch) => this.#hover(this.#rowAt(place, touch), place),
      leave: () => this.#hover(-1),
      click: (place, touch, mode) => this.#click(this.#rowAt(place, touch), mode),
      lassoMoves: (path) => this.#change({ lasso: path }),
      lasso: (path, mode) => this.#lasso(path, mode),
      pan: (x, y) => this.#move(() => this.renderer.view.panBy(x, y)),
      turn: (x, y) => this.#move(() => this.places.turn(x, y)),
      zoom: (place, factor) => this.#zoom(place, factor),
      reset: () => this.#reset(),
      clear: () => this.#clear(),
      open: () => this.#click(this.renderer.scene.hovered, "replace"),
      tick: () => this.#tick(this.renderer.scene.hovered),
    };
  }

  #rowAt(place, touch) {
    return this.renderer.rowAt(place, touch ? PICK_RADIUS_TOUCH : PICK_RADIUS);
  }

  #change(part) {
    Object.assign(this.renderer.scene, part);
    this.renderer.invalidate(false);
  }

  #hover(row, place) {
    if (row !== this.renderer.scene.hovered) {
      this.#change({ hovered: row });
      for (const other of linked(this)) other.point(this.ids[row] ?? -1);
    }
    this.plot.classList.toggle("over-point", row >= 0);
    if (row !== this.clicked) this.clicked = -1;
    if (row < 0 || row === this.clicked) this.tooltip.hide();
    else this.tooltip.show(place, this.#describe(row));
  }

  #describe(row) {
    const { colour } = this.component.data;
    const id = this.ids[row];
    const value = this.values[row];
    let text = colour.missing ?? "none";
    if (colour.kind === "number" && !Number.isNaN(value)) text = String(+value.toPrecision(4));
    else if (colour.kind !== "number" && value !== MISSING_CATEGORY) {
      text = colour.categories[value]?.name ?? `#${value}`;
    }
    return { url: this.renderer.urlOf(row), caption: text, note: `${colour.title} · image ${id}` };
  }

  /** A plain click asks for the neighbours; with the keys of the lasso it selects. */
  #click(row, mode) {
    if (row < 0) return;
    if (mode !== "replace") return void this.#select(bitsOf(this.component.data.n, row), mode);
    this.clicked = row; // its photo is now beside the map: the one at the pointer would only cover it
    this.tooltip.hide();
    send(this.component, "ask", { image: this.ids[row] });
  }

  #tick(row) {
    const { selected } = this.renderer;
    this.#click(row, selected && hasBit(selected, row) ? "subtract" : "add");
  }

  #lasso(path, mode) {
    const { renderer } = this;
    if (!renderer.grid) return;
    const loop = path.map(([left, top]) => renderer.view.toWorld(left, top));
    this.#select(rowsInside(renderer.grid, loop, renderer.accepts).bits, mode);
  }

  /** Shows the new selection at once; Python hears of the change and has the last word. */
  #select(bits, mode) {
    const { renderer } = this;
    const selected = combine(renderer.selected, bits, mode);
    this.light(countBits(selected) ? selected : null);
    for (const other of linked(this))
      other.light(translate(renderer.selected, this.ids, other.ids));
    const chosen = bitsOfIds(bits, this.ids); // a row may be another image's by the time it arrives
    const n = (this.ids.at(-1) ?? -1) + 1;
    send(this.component, "lasso", { n, bits: toBase64(chosen), mode });
  }

  /** Shows which image a linked map points at; -1: none. */
  point(id) {
    this.root.dataset.pointed = id;
    this.#change({ hovered: id < 0 ? -1 : rowOf(this.ids, id) });
  }

  /** Shows a selection: bits over rows, or null. */
  light(selected) {
    this.renderer.setFlags(selected, this.renderer.shown);
    this.#tellCount();
  }

  /** Escape lets go of one thing at a time: first the legend's choice, then the selection. */
  #clear() {
    if (this.legend.active) this.legend.clear();
    else if (this.renderer.selected) this.#select(emptyBits(this.component.data.n), "replace");
  }

  #move(change) {
    change();
    views.set(this.loaded.x, this.renderer.view.state());
    this.tooltip.hide();
    this.renderer.invalidate();
    if (
      this.root.getRootNode().activeElement === this.plot &&
      this.plot.matches(":focus-visible")
    ) {
      this.#pointAtMiddle();
    }
  }

  /** With the keyboard the middle of the frame is the pointer. */
  #pointAtMiddle() {
    const middle = [this.plot.clientWidth / 2, this.plot.clientHeight / 2];
    this.#hover(this.renderer.rowAt(middle, 4 * PICK_RADIUS), middle);
  }

  #shade(shown) {
    this.shaded = true; // from now on it is as the user leaves it
    this.renderer.density.enabled = shown;
    this.toolbar.showDensity(shown);
    this.renderer.invalidate(false);
  }

  /** Moves to a point, once for each time it is asked for. */
  #look(asked) {
    if (!asked || asked[1] === this.looked) return;
    const [row, turn] = asked;
    this.looked = turn;
    const { view, x, y } = this.renderer;
    this.#move(() => view.restore({ x: x[row], y: y[row], zoom: Math.max(view.zoom, CLOSE) }));
  }

  #zoom([left, top], factor) {
    this.#move(() => this.renderer.view.zoomAt(left, top, factor));
  }

  #reset() {
    this.#move(() => this.renderer.view.reset());
  }

  #tellCount() {
    const { n, selected: called } = this.component.data;
    const { selected, shown } = this.renderer;
    const count = shown ? countBits(shown) : n;
    const parts = [`${count.toLocaleString("en")} ${count === 1 ? "image" : "images"}`];
    if (shown) parts[0] += ` of ${n.toLocaleString("en")}`;
    if (selected) parts.push(`${countBits(selected).toLocaleString("en")} ${called}`);
    this.frame.status.textContent = parts.join(" · ");
  }

  #pointOnScreen(row) {
    const box = this.plot.getBoundingClientRect();
    const [left, top] = this.renderer.view.toScreen(this.renderer.x[row], this.renderer.y[row]);
    return { x: box.left + left, y: box.top + top };
  }

  destroy() {
    link(this, null);
    this.renderer?.destroy();
  }
}
