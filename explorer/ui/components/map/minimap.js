/** The whole map, small, while the view shows a part of it: where am I, and a way to elsewhere. */

import { make, penOf } from "../common/elements.js";
import { cssColor } from "./colors.js";

/** @import { Renderer } from "./renderer.js" */

const SIDE = 128; // pixels of the longer side
const MOST = 20_000; // points drawn: every so-and-so-many-th
const FROM_ZOOM = 1.4;

export class MiniMap {
  /**
   * @param {HTMLElement} frame
   * @param {(x: number, y: number) => void} onMove map units
   */
  constructor(frame, onMove) {
    this.canvas = make("canvas", "minimap");
    this.canvas.dataset.testid = "map-minimap";
    this.canvas.hidden = true;
    this.canvas.title = "The whole map; drag to look elsewhere";
    this.pen = penOf(this.canvas);
    /** @type {HTMLCanvasElement | null} */
    this.picture = null;
    this.home = { x: 0, y: 0 }; // of the picture, in map units
    this.span = { x: 1, y: 1 };
    this.scale = 1;
    this.onMove = onMove;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.#go(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.buttons) this.#go(event);
    });
    frame.append(this.canvas);
  }

  /** @param {PointerEvent} event */
  #go({ offsetX, offsetY }) {
    const { home, span, scale } = this;
    this.onMove(home.x - span.x / 2 + offsetX / scale, home.y + span.y / 2 - offsetY / scale);
  }

  /** Points or colours have changed: the picture is drawn again when it is next seen. */
  forget() {
    this.picture = null;
  }

  /** @param {Renderer} renderer */
  show(renderer) {
    const { view } = renderer;
    this.canvas.hidden = view.zoom < FROM_ZOOM;
    if (this.canvas.hidden) return;
    this.picture ??= this.#draw(renderer);
    const { pen, home, span, scale } = this;
    const { width, height } = this.canvas;
    const area = view.visible();
    const left = (area.minX - home.x + span.x / 2) * scale;
    const top = (home.y + span.y / 2 - area.maxY) * scale;
    pen.clearRect(0, 0, width, height);
    pen.drawImage(this.picture, 0, 0);
    pen.strokeStyle = renderer.theme.accent;
    pen.lineWidth = 1.5;
    pen.strokeRect(left, top, (area.maxX - area.minX) * scale, (area.maxY - area.minY) * scale);
  }

  /** @param {Renderer} renderer */
  #draw({ view, x, y, codes, palette }) {
    Object.assign(this, { home: view.home, span: view.span });
    this.scale = SIDE / Math.max(view.span.x, view.span.y);
    this.canvas.width = Math.max(40, Math.round(view.span.x * this.scale));
    this.canvas.height = Math.max(40, Math.round(view.span.y * this.scale));
    const picture = make("canvas");
    picture.width = this.canvas.width;
    picture.height = this.canvas.height;
    const pen = penOf(picture);
    const step = Math.max(1, Math.ceil(x.length / MOST));
    for (let row = 0; row < x.length; row += step) {
      pen.fillStyle = cssColor(palette, codes[row]);
      const left = (x[row] - this.home.x + this.span.x / 2) * this.scale;
      const top = (this.home.y + this.span.y / 2 - y[row]) * this.scale;
      pen.fillRect(left, top, 1, 1);
    }
    return picture;
  }
}
