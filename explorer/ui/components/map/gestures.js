/** Pointer, wheel and keys on the map, told to the widget in its own words. */

/** @import { Mode, Point } from "./types.js" */

const CLICK_SLACK = 4; // pixels a pointer may wander and still have clicked
const WHEEL_SPEED = 0.0015;
const PAN_STEP = 60; // pixels per arrow key
const ZOOM_STEP = 1.5;

/**
 * @typedef {Object} Listener what the widget does about it; places are pixels in the frame
 * @property {(place: Point, touch: boolean) => void} hover
 * @property {() => void} leave
 * @property {(place: Point, touch: boolean, mode: Mode) => void} click
 * @property {(path: Point[] | null) => void} lassoMoves  null: the lasso is over
 * @property {(path: Point[], mode: Mode) => void} lasso
 * @property {(x: number, y: number) => void} pan
 * @property {(x: number, y: number) => void} turn
 * @property {(place: Point, factor: number) => void} zoom
 * @property {() => void} reset
 * @property {() => void} clear
 * @property {() => void} open  the point nearest the middle, for the keyboard
 * @property {() => void} tick  the same point
 */

/** @typedef {"lasso" | "pan" | "turn"} Tool */

/**
 * @typedef {Object} Drag
 * @property {Point} start
 * @property {Point} last
 * @property {Point[]} path
 * @property {Tool} tool
 * @property {boolean} moved farther than a click does
 */

/**
 * What a click or a lasso does to the selection, by the keys that are held.
 * @param {MouseEvent} event
 * @returns {Mode}
 */
function modeOf({ shiftKey, altKey }) {
  if (shiftKey && altKey) return "intersect";
  return shiftKey ? "add" : altKey ? "subtract" : "replace";
}

export class Gestures {
  /**
   * @param {HTMLElement} frame takes the events; must be focusable
   * @param {Listener} listener
   */
  constructor(frame, listener) {
    this.frame = frame;
    this.listener = listener;
    /** @type {Tool} */
    this.tool = "lasso";
    /** @type {Map<number, Point>} where each pointer that is down was last */
    this.pointers = new Map();
    /** @type {Drag | null} */
    this.drag = null;
    this.spaceHeld = false;
    this.spaceTapped = false;
    /**
     * @template {keyof HTMLElementEventMap} Name
     * @param {Name} name
     * @param {(event: HTMLElementEventMap[Name]) => void} handler
     * @param {AddEventListenerOptions} [options]
     */
    const on = (name, handler, options) =>
      frame.addEventListener(name, handler.bind(this), options);
    on("pointerdown", this.#down);
    on("pointermove", this.#move);
    on("pointerup", this.#up);
    on("pointercancel", this.#cancel);
    on("pointerleave", () => listener.leave());
    on("dblclick", () => listener.reset());
    on("wheel", this.#wheel, { passive: false });
    on("keydown", this.#keyDown);
    on("keyup", this.#keyUp);
    on("blur", () => this.#holdSpace(false));
    on("auxclick", (event) => event.preventDefault());
  }

  /** @param {Tool} tool */
  setTool(tool) {
    this.tool = tool;
    this.frame.dataset.tool = tool;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  #place(event) {
    const box = this.frame.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button === 2) return;
    if (event.button === 1) event.preventDefault(); // no autoscroll
    this.frame.setPointerCapture(event.pointerId);
    const place = this.#place(event);
    this.pointers.set(event.pointerId, place);
    this.spaceTapped = false;
    if (this.pointers.size === 2) return this.#endDrag();
    const held = event.button === 1 || this.spaceHeld;
    const tool = held ? "pan" : event.shiftKey || event.altKey ? "lasso" : this.tool;
    this.drag = { start: place, last: place, path: [place], tool, moved: false };
    return undefined;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const place = this.#place(event);
    const touch = event.pointerType === "touch";
    if (this.pointers.size === 2) return this.#pinch(event.pointerId, place);
    const { drag } = this;
    if (!drag) return this.listener.hover(place, touch);
    this.pointers.set(event.pointerId, place);
    if (!drag.moved) {
      const far = Math.hypot(place[0] - drag.start[0], place[1] - drag.start[1]) >= CLICK_SLACK;
      if (!far) return undefined;
      drag.moved = true;
      this.listener.leave();
    }
    /** @type {Point} */
    const step = [place[0] - drag.last[0], place[1] - drag.last[1]];
    if (drag.tool === "lasso") {
      if (Math.hypot(...step) < 2) return undefined;
      drag.path.push(place);
      this.listener.lassoMoves(drag.path);
    } else this.listener[drag.tool](...step);
    drag.last = place;
    return undefined;
  }

  /**
   * @param {number} id of the pointer that moves
   * @param {Point} place
   */
  #pinch(id, place) {
    const before = this.pointers.get(id);
    const [, other] = [...this.pointers].find(([pointer]) => pointer !== id) ?? [];
    if (!before || !other) return; // a third one, that only hovers
    /** @param {Point} from */
    const gap = (from) => Math.hypot(from[0] - other[0], from[1] - other[1]) || 1;
    this.listener.pan((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    /** @type {Point} */
    const middle = [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
    this.listener.zoom(middle, gap(place) / gap(before));
    this.pointers.set(id, place);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.pointers.delete(event.pointerId);
    const { drag } = this;
    this.#endDrag();
    if (!drag) return;
    // A second click at once is the double click that resets, not another query.
    if (!drag.moved && event.button === 0 && event.detail < 2) {
      this.listener.click(this.#place(event), event.pointerType === "touch", modeOf(event));
    } else if (drag.moved && drag.tool === "lasso" && drag.path.length > 2) {
      this.listener.lasso(drag.path, modeOf(event));
    }
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    this.pointers.delete(event.pointerId);
    this.#endDrag();
  }

  #endDrag() {
    this.drag = null;
    this.listener.lassoMoves(null);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === 1 ? event.deltaY * 33 : event.deltaY;
    this.listener.zoom(
      this.#place(event),
      Math.exp(-pixels * WHEEL_SPEED * (event.ctrlKey ? 5 : 1)),
    );
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    if (event.target !== this.frame || event.ctrlKey || event.metaKey) return;
    const { listener, frame } = this;
    /** @type {Point} */
    const middle = [frame.clientWidth / 2, frame.clientHeight / 2];
    /**
     * @param {number} x
     * @param {number} y
     */
    const arrow = (x, y) => listener[event.shiftKey ? "turn" : "pan"](x, y);
    /** @type {Record<string, () => void>} */
    const actions = {
      "+": () => listener.zoom(middle, ZOOM_STEP),
      "=": () => listener.zoom(middle, ZOOM_STEP),
      "-": () => listener.zoom(middle, 1 / ZOOM_STEP),
      0: () => listener.reset(),
      ArrowLeft: () => arrow(PAN_STEP, 0),
      ArrowRight: () => arrow(-PAN_STEP, 0),
      ArrowUp: () => arrow(0, PAN_STEP),
      ArrowDown: () => arrow(0, -PAN_STEP),
      Enter: () => listener.open(),
      Escape: () => (this.drag ? this.#endDrag() : listener.clear()),
      " ": () => {
        this.spaceTapped ||= !this.spaceHeld;
        this.#holdSpace(true);
      },
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  }

  /** @param {KeyboardEvent} event */
  #keyUp(event) {
    if (event.key !== " ") return;
    if (this.spaceHeld && this.spaceTapped) this.listener.tick(); // nothing was moved with it
    this.spaceTapped = false;
    this.#holdSpace(false);
  }

  /** @param {boolean} held */
  #holdSpace(held) {
    this.spaceHeld = held;
    this.frame.dataset.tool = held ? "pan" : this.tool;
  }
}
