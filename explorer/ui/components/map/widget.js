/** One map in the page: loads what Python points to, and keeps what is on the graphics card. */

import { attach } from "../common/events.js";
import { countBits, sameBits } from "./bits.js";
import { codesOf, emphasize, paletteOf } from "./colors.js";
import { fetchArray, fetchBits, fetchPlaces, fetchValues } from "./columns.js";
import { Density } from "./density.js";
import { reasonOf } from "./frame.js";
import { Interaction } from "./interaction.js";
import { Legend } from "./legend.js";
import { link, rowOf } from "./links.js";
import { readTheme } from "./overlay.js";
import { Places } from "./places.js";
import { savePicture } from "./save.js";
import { createToolbar } from "./toolbar.js";

/** @import { Component } from "../common/types.js" */
/** @import { Values } from "./colors.js" */
/** @import { Frame } from "./frame.js" */
/** @import { Renderer } from "./renderer.js" */
/** @import { Color, MapData } from "./types.js" */
/** @import { Look } from "./view.js" */

/**
 * @typedef {Object} Loaded what is on the graphics card, by where it came from
 * @property {string} x
 * @property {string} y
 * @property {string | null} z
 * @property {string} ids
 * @property {string} color as JSON
 * @property {string} filter as JSON
 */

const CLOSE = 4; // times: near enough to see what is around a point

/** @type {Map<string, Look>} where each map was looking, by its layout: outlives the widget */
const views = new Map();

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
    /** @type {number | undefined} the last turn that was looked at */
    this.looked = undefined;
    this.shaded = false; // has anybody said whether?
    /** @type {Values} */
    this.values = new Float32Array(0);
    this.palette = new Uint8Array(0);
    this.root = Object.assign(frame.root, {
      /** @param {number} row */
      pointOnScreen: (row) => this.#pointOnScreen(row),
    });
    this.places = new Places(this.renderer);
    this.renderer.onLook = (x, y) => this.move(() => Object.assign(this.renderer.view, { x, y }));
    this.renderer.urlOf = (row) =>
      this.component.data.thumb.replace("{id}", String(this.ids[row] ?? ""));
    this.legend = new Legend(this.frame.aside, (codes) => this.#emphasize(codes));
    this.interaction = new Interaction(this);
    this.toolbar = this.#buildToolbar();
    this.frame.stage.append(this.toolbar.element);
  }

  #buildToolbar() {
    const { gestures, plot } = this.interaction;
    const { view } = this.renderer;
    return createToolbar({
      tool: (name) => gestures.setTool(name),
      zoom: (factor) =>
        this.move(() => view.zoomAt(plot.clientWidth / 2, plot.clientHeight / 2, factor)),
      reset: () => this.reset(),
      photos: (shown) => {
        this.renderer.thumbnails.enabled = shown;
        this.renderer.invalidate(false);
      },
      density: (shown) => this.#shade(shown),
      save: (format) => savePicture(this.renderer, format),
    });
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
      neighbors: data.neighbors,
      labels: data.labels.slice().sort((one, other) => other.size - one.size),
    });
    this.#tellCount();
    this.#look(data.look);
    this.renderer.paintNow();
    await this.places.rest;
    if (turn !== this.turn) return;
    this.root.dataset.layout = [data.x, data.y, data.z].join(" ");
    this.root.dataset.ready = data.color.url;
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
    const color = JSON.stringify(data.color);
    const filter = JSON.stringify(data.filter);
    const recolors = movesPoints || loaded.color !== color || loaded.filter !== filter;
    if (recolors) delete this.root.dataset.ready;
    const [places, values, ids, selected, shown] = await Promise.all([
      movesPoints ? fetchPlaces(data) : null,
      recolors ? fetchValues(data.color) : null,
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
    if (values) this.#recolor(data.color, values, shown);
    if (movesPoints || !sameBits(selected, renderer.selected) || !sameBits(shown, renderer.shown)) {
      renderer.setFlags(selected, shown);
    }
    Object.assign(loaded, { x: data.x, y: data.y, z: data.z, ids: data.ids, color, filter });
  }

  /**
   * @param {Color} color
   * @param {Values} values
   * @param {Uint8Array | null} shown
   */
  #recolor(color, values, shown) {
    this.values = values;
    const codes = codesOf(values, color);
    this.palette = paletteOf(color);
    this.renderer.emphasized = null;
    this.renderer.setColors(codes, this.palette);
    this.legend.render(color, codes, this.palette, shown);
  }

  /** @param {Set<number> | null} codes */
  #emphasize(codes) {
    this.renderer.setEmphasis(codes, emphasize(this.palette, codes));
  }

  /**
   * Shows which image a linked map points at.
   * @param {number} id -1: none
   */
  point(id) {
    this.root.dataset.pointed = String(id);
    this.renderer.change({ hovered: id < 0 ? -1 : rowOf(this.ids, id) });
  }

  /**
   * Shows a selection.
   * @param {Uint8Array | null} selected bits over rows
   */
  light(selected) {
    this.renderer.setFlags(selected, this.renderer.shown);
    this.#tellCount();
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
    this.move(() => view.restore({ x: x[row], y: y[row], zoom: Math.max(view.zoom, CLOSE) }));
  }

  reset() {
    this.move(() => this.renderer.view.reset());
  }

  /** @param {() => void} change of the view */
  move(change) {
    change();
    if (this.loaded.x) views.set(this.loaded.x, this.renderer.view.state());
    this.renderer.invalidate();
    this.interaction.moved();
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
    const box = this.frame.plot.getBoundingClientRect();
    const [left, top] = this.renderer.view.toScreen(this.renderer.x[row], this.renderer.y[row]);
    return { x: box.left + left, y: box.top + top };
  }

  destroy() {
    link(this, null);
    this.renderer.destroy();
  }
}
