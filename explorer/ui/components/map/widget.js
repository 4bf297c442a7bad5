/** One map in the page: loads what Python points to, keeps the state, answers the user. */

import { toBase64 } from "../common/base64.js";
import { attach, send } from "../common/events.js";
import { bitsOf, bitsOfIds, combine, countBits, emptyBits, hasBit, sameBits } from "./bits.js";
import { codesOf, emphasise, MISSING_CATEGORY, paletteOf } from "./colours.js";
import { fetchArray, fetchBits, fetchPlaces, fetchValues } from "./columns.js";
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

/** @import { Component } from "../common/types.js" */
/** @import { Values } from "./colours.js" */
/** @import { Listener } from "./gestures.js" */
/** @import { Scene } from "./renderer.js" */
/** @import { Content } from "./tooltip.js" */
/** @import { Colour, MapData, Mode, Point } from "./types.js" */
/** @import { Look } from "./view.js" */

/**
 * @typedef {Object} Loaded what is on the graphics card, by where it came from
 * @property {string} x
 * @property {string} y
 * @property {string | null} z
 * @property {string} ids
 * @property {string} colour as JSON
 * @property {string} filter as JSON
 */

const PICK_RADIUS = 10; // pixels
const PICK_RADIUS_TOUCH = 14;
const CLOSE = 4; // times: near enough to see what is around a point

const NEEDS_WEBGL =
  "The map cannot be drawn: it needs WebGL2, which this browser does not offer. " +
  "Switch on hardware acceleration, or use a current Chrome, Edge, Firefox or Safari.";

/** @type {Map<string, Look>} where each map was looking, by its layout: outlives the widget */
const views = new Map();

/**
 * A map; where the browser cannot draw one, words that say so.
 * @param {Component<MapData>} component
 */
export function createMap(component) {
  const frame = new Frame();
  try {
    return new MapWidget(component, frame, new Renderer(frame.plot, frame.stage));
  } catch (error) {
    if (error instanceof NoWebGL) return new NoMap(frame, NEEDS_WEBGL);
    return new NoMap(frame, `The map cannot be drawn: ${reasonOf(error)}`);
  }
}

/** @param {unknown} error */
const reasonOf = (error) => (error instanceof Error ? error.message : String(error));

export class NoMap {
  /**
   * @param {Frame} frame
   * @param {string} why
   */
  constructor(frame, why) {
    this.frame = frame;
    this.root = frame.root;
    frame.say(why);
  }

  /** @param {Component<MapData>} component */
  update(component) {
    attach(component);
    this.frame.describe(component.data);
  }
}

export class MapWidget {
  /**
   * @param {Component<MapData>} component
   * @param {Frame} frame
   * @param {Renderer} renderer
   */
  constructor(component, frame, renderer) {
    this.component = component;
    this.frame = frame;
    this.renderer = renderer;
    /** @type {Partial<Loaded>} */
    this.loaded = {};
    this.ids = new Int32Array(0); // by row
    /** @type {string | null} */
    this.link = null;
    this.turn = 0;
    this.clicked = -1;
    /** @type {number | undefined} the last turn that was looked at */
    this.looked = undefined;
    this.shaded = false; // has anybody said whether?
    /** @type {Values} */
    this.values = new Float32Array(0);
    this.palette = new Uint8Array(0);
    this.plot = frame.plot;
    this.root = Object.assign(frame.root, {
      /** @param {number} row */
      pointOnScreen: (row) => this.#pointOnScreen(row),
    });
    this.places = new Places(this.renderer);
    this.renderer.onLook = (x, y) => this.#move(() => Object.assign(this.renderer.view, { x, y }));
    this.renderer.urlOf = (row) =>
      this.component.data.thumb.replace("{id}", String(this.ids[row] ?? ""));
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
    this.frame.stage.append(this.toolbar.element);
  }

  /** @param {Component<MapData>} component called again at every change of data or theme */
  async update(component) {
    this.component = component;
    attach(component);
    const { data } = component;
    const turn = ++this.turn;
    this.frame.describe(data);
    link(this, data.link);
    this.renderer.setTheme(readTheme(this.root));
    try {
      const isCurrent = () => turn === this.turn;
      await this.#load(data, isCurrent);
      if (!isCurrent()) return;
    } catch (error) {
      if (turn !== this.turn) return;
      const again = () => this.update(this.component);
      this.frame.say(`The map's data could not be loaded: ${reasonOf(error)}.`, again);
      return;
    }
    this.frame.message.hidden = true;
    Object.assign(this.renderer.scene, {
      query: data.query,
      neighbours: data.neighbours,
      labels: data.labels.slice().sort((one, other) => other.size - one.size),
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

  /**
   * Fetches only what changed since the last time.
   * @param {MapData} data
   * @param {() => boolean} isCurrent false when newer data have come
   */
  async #load(data, isCurrent) {
    const { loaded, renderer } = this;
    const movesPoints = loaded.x !== data.x || loaded.y !== data.y || loaded.z !== data.z;
    const colour = JSON.stringify(data.colour);
    const filter = JSON.stringify(data.filter);
    const recolours = movesPoints || loaded.colour !== colour || loaded.filter !== filter;
    if (recolours) delete this.root.dataset.ready;
    const [places, values, ids, selected, shown] = await Promise.all([
      movesPoints ? fetchPlaces(data) : null,
      recolours ? fetchValues(data.colour) : null,
      loaded.ids !== data.ids ? fetchArray(data.ids, Int32Array) : null,
      fetchBits(data.selection),
      fetchBits(data.filter),
    ]);
    if (!isCurrent()) return;
    if (ids) this.ids = ids;
    if (places) {
      this.places.arrive({ ...places, ids: this.ids }, views.get(data.x));
      this.toolbar.offerTurning(Boolean(places.z));
      if (places.x.length >= Density.MANY && !this.shaded) this.#shade(true);
    }
    if (values) this.#recolour(data.colour, values, shown);
    if (movesPoints || !sameBits(selected, renderer.selected) || !sameBits(shown, renderer.shown)) {
      renderer.setFlags(selected, shown);
    }
    Object.assign(loaded, { x: data.x, y: data.y, z: data.z, ids: data.ids, colour, filter });
  }

  /**
   * @param {Colour} colour
   * @param {Values} values
   * @param {Uint8Array | null} shown
   */
  #recolour(colour, values, shown) {
    this.values = values;
    const codes = codesOf(values, colour);
    this.palette = paletteOf(colour);
    this.renderer.emphasised = null;
    this.renderer.setColours(codes, this.palette);
    this.legend.render(colour, codes, this.palette, shown);
  }

  /** @param {Set<number> | null} codes */
  #emphasise(codes) {
    this.renderer.setEmphasis(codes, emphasise(this.palette, codes));
  }

  /** @returns {Listener} */
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

  /**
   * @param {Point} place
   * @param {boolean} touch
   */
  #rowAt(place, touch) {
    return this.renderer.rowAt(place, touch ? PICK_RADIUS_TOUCH : PICK_RADIUS);
  }

  /** @param {Partial<Scene>} part */
  #change(part) {
    Object.assign(this.renderer.scene, part);
    this.renderer.invalidate(false);
  }

  /**
   * @param {number} row -1: none
   * @param {Point} [place]
   */
  #hover(row, place) {
    if (row !== this.renderer.scene.hovered) {
      this.#change({ hovered: row });
      for (const other of linked(this)) other.point(this.ids[row] ?? -1);
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

  /**
   * A plain click asks for the neighbours; with the keys of the lasso it selects.
   * @param {number} row -1: none
   * @param {Mode} mode
   */
  #click(row, mode) {
    if (row < 0) return;
    if (mode !== "replace") return void this.#select(bitsOf(this.component.data.n, row), mode);
    this.clicked = row; // its photo is now beside the map: the one at the pointer would only cover it
    this.tooltip.hide();
    send(this.component, "ask", { image: this.ids[row] });
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
    const { renderer } = this;
    const selected = combine(renderer.selected, bits, mode);
    this.light(countBits(selected) ? selected : null);
    for (const other of linked(this))
      other.light(translate(renderer.selected, this.ids, other.ids));
    const chosen = bitsOfIds(bits, this.ids); // a row may be another image's by the time it arrives
    const n = (this.ids.at(-1) ?? -1) + 1;
    send(this.component, "lasso", { n, bits: toBase64(chosen), mode });
  }

  /**
   * Shows which image a linked map points at.
   * @param {number} id -1: none
   */
  point(id) {
    this.root.dataset.pointed = String(id);
    this.#change({ hovered: id < 0 ? -1 : rowOf(this.ids, id) });
  }

  /**
   * Shows a selection.
   * @param {Uint8Array | null} selected bits over rows
   */
  light(selected) {
    this.renderer.setFlags(selected, this.renderer.shown);
    this.#tellCount();
  }

  /** Escape lets go of one thing at a time: first the legend's choice, then the selection. */
  #clear() {
    if (this.legend.active) this.legend.clear();
    else if (this.renderer.selected) this.#select(emptyBits(this.component.data.n), "replace");
  }

  /** @param {() => void} change of the view */
  #move(change) {
    change();
    if (this.loaded.x) views.set(this.loaded.x, this.renderer.view.state());
    this.tooltip.hide();
    this.renderer.invalidate();
    const page = this.root.getRootNode();
    const focused = page instanceof ShadowRoot && page.activeElement === this.plot;
    if (focused && this.plot.matches(":focus-visible")) this.#pointAtMiddle();
  }

  /** With the keyboard the middle of the frame is the pointer. */
  #pointAtMiddle() {
    /** @type {Point} */
    const middle = [this.plot.clientWidth / 2, this.plot.clientHeight / 2];
    this.#hover(this.renderer.rowAt(middle, 4 * PICK_RADIUS), middle);
  }

  /** @param {boolean} shown */
  #shade(shown) {
    this.shaded = true; // from now on it is as the user leaves it
    this.renderer.density.enabled = shown;
    this.toolbar.showDensity(shown);
    this.renderer.invalidate(false);
  }

  /**
   * Moves to a point, once for each time it is asked for.
   * @param {MapData["look"]} asked
   */
  #look(asked) {
    if (!asked || asked[1] === this.looked) return;
    const [row, turn] = asked;
    this.looked = turn;
    const { view, x, y } = this.renderer;
    this.#move(() => view.restore({ x: x[row], y: y[row], zoom: Math.max(view.zoom, CLOSE) }));
  }

  /**
   * @param {Point} place
   * @param {number} factor
   */
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

  /** @param {number} row */
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
