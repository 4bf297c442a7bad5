/** Paints the map: the points (WebGL) and all that lies over them (2-D canvas), one frame at a time. */

import { make, penOf } from "../common/elements.js";
import { hasBit } from "./bits.js";
import { Budget, MOST } from "./budget.js";
import { cssColor } from "./colors.js";
import { Density } from "./density.js";
import { PointEngine, pointStyle } from "./engine.js";
import { MiniMap } from "./minimap.js";
import { drawHover, drawLabels, drawLasso, drawQuery, isLight, PLAIN } from "./overlay.js";
import { boundsOf, Grid } from "./picking.js";
import { ThumbnailLayer } from "./thumbnails.js";
import { View } from "./view.js";

/** @import { Theme } from "./overlay.js" */
/** @import { Area, Label, Point } from "./types.js" */

/**
 * @typedef {Object} Scene what lies over the points; all but the lasso by row
 * @property {number | null} query
 * @property {number[]} neighbors
 * @property {Label[]} labels largest first
 * @property {number} hovered -1: none
 * @property {Point[] | null} lasso pixels
 */

/**
 * @param {HTMLElement} frame
 * @param {string} name
 */
function canvasIn(frame, name) {
  const canvas = make("canvas", name);
  canvas.setAttribute("aria-hidden", "true");
  frame.append(canvas);
  return canvas;
}

export class Renderer {
  /**
   * @param {HTMLElement} frame gets the two canvases
   * @param {HTMLElement} stage gets the small map
   */
  constructor(frame, stage) {
    this.frame = frame;
    this.view = new View();
    this.pointCanvas = canvasIn(frame, "points");
    this.overlayCanvas = canvasIn(frame, "overlay");
    this.pen = penOf(this.overlayCanvas);
    this.engine = new PointEngine(this.pointCanvas);
    this.thumbnails = new ThumbnailLayer(() => this.invalidate(false));
    this.density = new Density();
    this.minimap = new MiniMap(stage, (x, y) => this.onLook(x, y));
    /** @type {(x: number, y: number) => void} somebody wants to see another place, in map units */
    this.onLook = () => {};
    /** @type {(row: number) => string} of its photo */
    this.urlOf = () => "";
    /** @type {Float32Array} map units, by row */
    this.x = new Float32Array(0);
    /** @type {Float32Array} */
    this.y = new Float32Array(0);
    this.codes = new Uint8Array(0); // of the colours, by row
    this.colored = false; // are the codes those of the points?
    this.palette = new Uint8Array(4 * 256);
    this.shadedPalette = this.palette;
    this.theme = PLAIN;
    /** @type {Scene} */
    this.scene = { query: null, neighbors: [], labels: [], hovered: -1, lasso: null };
    /** @type {Uint8Array | null} bits over rows */
    this.selected = null;
    /** @type {Uint8Array | null} bits over rows */
    this.shown = null;
    /** @type {Set<number> | null} codes */
    this.emphasized = null;
    /** @type {Grid | null} */
    this.grid = null;
    this.pixelRatio = 0; // not known before the frame has a size
    this.pointsStale = false;
    this.request = 0;
    this.budget = new Budget(this.engine.isSoftware);
    this.#dim();
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(frame);
    this.pointCanvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.pointCanvas.addEventListener("webglcontextrestored", () => this.#restore());
  }

  /**
   * New points: what was known of the old ones no longer holds.
   * @param {Float32Array} x
   * @param {Float32Array} y
   * @param {Area} [bounds]
   */
  setPoints(x, y, bounds = boundsOf(x, y)) {
    Object.assign(this, { selected: null, shown: null, colored: false });
    Object.assign(this.scene, { query: null, neighbors: [], labels: [], hovered: -1 });
    this.view.setBounds(bounds);
    this.view.reset();
    this.movePoints(x, y);
    this.setFlags(null, null);
  }

  /**
   * The same points at other places.
   * @param {Float32Array} x
   * @param {Float32Array} y
   */
  movePoints(x, y) {
    Object.assign(this, { x, y, grid: null });
    this.density.forget();
    this.minimap.forget();
    this.engine.setPositions(x, y);
    this.invalidate();
  }

  /** Points can be painted before they can be picked: the grid is built after the first paint. */
  buildGrid() {
    if (!this.grid) {
      this.grid = new Grid(this.x, this.y, boundsOf(this.x, this.y));
      this.view.closeness = this.grid.closeness();
    }
    this.invalidate(false);
  }

  /**
   * @param {Uint8Array} codes
   * @param {Uint8Array} palette
   */
  setColors(codes, palette) {
    Object.assign(this, { codes, palette, colored: true });
    this.minimap.forget();
    this.engine.setCodes(codes);
    this.setEmphasis(this.emphasized);
  }

  /**
   * @param {Set<number> | null} codes of colours that stand out; null: all
   * @param {Uint8Array} shadedPalette
   */
  setEmphasis(codes, shadedPalette = this.palette) {
    this.density.forget();
    Object.assign(this, { emphasized: codes, shadedPalette });
    this.engine.setPalette(shadedPalette);
    this.invalidate();
  }

  /**
   * @param {Uint8Array | null} selected bits over rows
   * @param {Uint8Array | null} shown bits over rows
   */
  setFlags(selected, shown) {
    Object.assign(this, { selected, shown });
    this.density.forget();
    this.engine.setFlags(selected, shown);
    this.invalidate();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    this.minimap.forget();
    this.#dim();
    this.invalidate();
  }

  #dim() {
    this.engine.dimColor = isLight(this.theme) ? [0.72, 0.73, 0.75] : [0.3, 0.32, 0.35];
  }

  /**
   * Can this row be picked and selected: neither filtered away nor dimmed by the legend?
   * @param {number} row
   */
  accepts = (row) =>
    (!this.shown || hasBit(this.shown, row)) &&
    (!this.emphasized || this.emphasized.has(this.codes[row]));

  /**
   * @param {Point} place
   * @param {number} radius pixels
   */
  rowAt([left, top], radius) {
    if (!this.grid) return -1;
    const photo = this.thumbnails.rowAt(left, top);
    return photo >= 0 ? photo : this.grid.nearest(this.view, left, top, radius, this.accepts);
  }

  /** @param {Partial<Scene>} part of what lies over the points */
  change(part) {
    Object.assign(this.scene, part);
    this.invalidate(false);
  }

  /** @param {boolean} points false: only what lies over the points changed */
  invalidate(points = true) {
    this.pointsStale ||= points;
    this.request ||= requestAnimationFrame(() => this.#paint());
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width || !height) return; // parked: not in the page
    this.pixelRatio = window.devicePixelRatio || 1;
    this.view.resize(width, height);
    for (const canvas of [this.pointCanvas, this.overlayCanvas]) {
      canvas.width = Math.round(width * this.pixelRatio);
      canvas.height = Math.round(height * this.pixelRatio);
    }
    this.pointsStale = true;
    this.paintNow(); // at once: a resized canvas is blank until it is painted
  }

  /** Paints what is stale without waiting for the next frame. */
  paintNow() {
    cancelAnimationFrame(this.request);
    this.#paint();
  }

  #paint() {
    this.request = 0;
    if (!this.colored || !this.pixelRatio) return;
    if (this.pointsStale) {
      this.pointsStale = false;
      this.budget.adapt();
      const style = { ...pointStyle(this.x.length, this.view), pixelRatio: this.pixelRatio };
      this.engine.begin(this.view, style);
      this.engine.proceed(this.budget.points);
    } else if (!this.engine.finished) {
      this.engine.proceed(this.budget.whenStill);
    }
    this.#paintOverlay();
    if (!this.engine.finished) this.invalidate(false);
  }

  #paintOverlay() {
    const { pen, theme, view, scene, grid } = this;
    pen.setTransform(this.pixelRatio, 0, 0, this.pixelRatio, 0, 0);
    pen.clearRect(0, 0, view.width, view.height);
    /** @param {number} row */
    const spot = (row) => {
      const [x, y] = view.toScreen(this.x[row], this.y[row]);
      return { x, y, side: this.thumbnails.isDrawn(row) ? this.thumbnails.side : null };
    };
    this.density.draw(pen, this);
    if (grid) {
      this.thumbnails.arrange(view, grid, this.accepts);
      this.thumbnails.draw(pen, theme, this.urlOf, this.#lookOf);
    }
    if (scene.query !== null) drawQuery(pen, theme, spot(scene.query), scene.neighbors.map(spot));
    drawLabels(
      pen,
      theme,
      view,
      scene.labels.map((label) => ({ ...label, ...spot(label.row) })),
    );
    if (scene.hovered >= 0) {
      drawHover(pen, theme, spot(scene.hovered), pointStyle(this.x.length, view).size);
    }
    if (scene.lasso) drawLasso(pen, theme, scene.lasso);
    this.minimap.show(this);
  }

  /** @param {number} row */
  #lookOf = (row) => ({
    color: cssColor(this.palette, this.codes[row]),
    dimmed: Boolean(this.selected && !hasBit(this.selected, row)),
  });

  /** The graphics card forgot everything (the machine slept, the driver restarted). */
  #restore() {
    this.engine = new PointEngine(this.pointCanvas);
    this.engine.setPositions(this.x, this.y);
    this.engine.setCodes(this.codes);
    this.setEmphasis(this.emphasized, this.shadedPalette);
    this.setFlags(this.selected, this.shown);
    this.#dim();
  }

  /** Paints all that is left of the points, however long it takes. */
  finish() {
    while (!this.engine.finished) this.engine.proceed(MOST);
  }

  destroy() {
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
    this.engine.destroy();
  }
}
