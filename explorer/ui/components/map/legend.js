/** What the colours mean. Choosing an entry or a range makes it stand out on the map. */

import { make } from "../common/elements.js";
import { hasBit } from "./bits.js";
import { cssColor, MAX_CATEGORIES, MISSING, OTHER, STEPS } from "./colors.js";

/** @import { ByCategory, ByNumber, Color } from "./types.js" */

const BARS = 50;

/** @param {number} value */
const compact = (value) => {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return value.toLocaleString("en");
  return size !== 0 && (size >= 1e6 || size < 1e-3)
    ? value.toExponential(2)
    : String(+value.toPrecision(3));
};

export class Legend {
  /**
   * @param {HTMLElement} element
   * @param {(codes: Set<number>|null) => void} onEmphasis null: everything stands out again
   */
  constructor(element, onEmphasis) {
    this.element = element;
    this.onEmphasis = onEmphasis;
    /** @type {Set<number>} codes */
    this.chosen = new Set();
    /** @type {Uint8Array} */
    this.palette = new Uint8Array(0);
    this.clearButton = make("button", "clear", "Show all");
    this.clearButton.onclick = () => this.clear();
    /** @type {HTMLInputElement[]} the two of a range; none of categories */
    this.sliders = [];
  }

  /**
   * @param {Color} color
   * @param {Uint8Array} codes one per row
   * @param {Uint8Array} palette
   * @param {Uint8Array | null} shown bits over the rows that are counted; null: all of them
   */
  render(color, codes, palette, shown = null) {
    this.chosen = new Set();
    this.palette = palette;
    const counts = new Uint32Array(256);
    codes.forEach((code, row) => {
      if (!shown || hasBit(shown, row)) counts[code]++;
    });
    this.element.setAttribute("aria-label", `Colours: ${color.title}`);
    const head = make("div", "head");
    head.append(make("h3", "", color.title), this.clearButton);
    const body = color.kind === "number" ? this.#scale(color, counts) : this.#list(color, counts);
    this.element.replaceChildren(head, body);
    this.#show();
  }

  clear() {
    this.chosen.clear();
    for (const slider of this.sliders) slider.value = slider.defaultValue;
    this.#tell();
  }

  get active() {
    return this.chosen.size > 0;
  }

  #tell() {
    this.#show();
    this.onEmphasis(this.active ? new Set(this.chosen) : null);
  }

  #show() {
    this.clearButton.hidden = !this.active;
    for (const entry of this.#marked(".entry")) {
      const on = this.chosen.has(Number(entry.dataset.code));
      entry.setAttribute("aria-pressed", String(on));
      entry.classList.toggle("faded", this.active && !on);
    }
    for (const bar of this.#marked(".bar")) {
      bar.classList.toggle("faded", this.active && !this.chosen.has(Number(bar.dataset.code)));
    }
  }

  /**
   * What is shown for a code.
   * @param {string} selector
   * @returns {NodeListOf<HTMLElement>}
   */
  #marked(selector) {
    return this.element.querySelectorAll(selector);
  }

  /**
   * @param {ByCategory} color
   * @param {Uint32Array} counts by code
   */
  #list(color, counts) {
    const list = make("div", "entries");
    const named = color.categories.slice(0, MAX_CATEGORIES);
    named.forEach((category, code) => {
      if (counts[code]) list.append(this.#entry(code, category.name, counts[code]));
    });
    const rest = color.distinct - named.length;
    if (counts[OTHER]) list.append(this.#entry(OTHER, `${rest} others`, counts[OTHER]));
    if (counts[MISSING])
      list.append(this.#entry(MISSING, color.missing ?? "none", counts[MISSING]));
    this.sliders = [];
    return list;
  }

  /**
   * @param {number} code
   * @param {string} name
   * @param {number} count
   */
  #entry(code, name, count) {
    const entry = make("button", "entry");
    entry.dataset.code = String(code);
    entry.title = `${name}: ${count.toLocaleString("en")}`;
    const swatch = make("span", "swatch");
    swatch.style.background = cssColor(this.palette, code);
    const counted = make("span", "count", count.toLocaleString("en"));
    entry.append(swatch, make("span", "name", name), counted);
    entry.addEventListener("click", (event) => {
      this.#choose(code, event.shiftKey || event.ctrlKey || event.metaKey);
    });
    return entry;
  }

  /**
   * A click chooses one entry alone, a second click lets go of it; with Shift or Ctrl it adds.
   * @param {number} code
   * @param {boolean} adding
   */
  #choose(code, adding) {
    const alone = this.chosen.size === 1 && this.chosen.has(code);
    if (adding && this.chosen.has(code)) this.chosen.delete(code);
    else if (adding) this.chosen.add(code);
    else this.chosen = alone ? new Set() : new Set([code]);
    this.#tell();
  }

  /**
   * @param {ByNumber} color
   * @param {Uint32Array} counts by code
   */
  #scale(color, counts) {
    const [low, high] = color.range;
    const scale = make("div", "scale");
    const ends = make("div", "ends");
    ends.append(make("span", "", compact(low)), make("span", "", compact(high)));
    scale.append(this.#histogram(counts), this.#brush(low, high), ends);
    if (counts[MISSING])
      scale.append(this.#entry(MISSING, color.missing ?? "none", counts[MISSING]));
    return scale;
  }

  /** @param {Uint32Array} counts by code */
  #histogram(counts) {
    const bars = make("div", "bars");
    const width = STEPS / BARS;
    const sums = Array.from({ length: BARS }, (_, bar) =>
      counts.subarray(bar * width, (bar + 1) * width).reduce((sum, count) => sum + count, 0),
    );
    const tallest = Math.max(1, ...sums);
    sums.forEach((sum, at) => {
      const bar = make("span", "bar");
      const code = at * width + Math.floor(width / 2);
      bar.dataset.code = String(code);
      bar.style.height = `${sum ? Math.max(3, (100 * sum) / tallest) : 0}%`;
      bar.style.background = cssColor(this.palette, code);
      bars.append(bar);
    });
    return bars;
  }

  /**
   * Two sliders on one track: a brush that works with the keyboard, too.
   * @param {number} low
   * @param {number} high
   */
  #brush(low, high) {
    const brush = make("div", "brush");
    /** @param {number} step */
    const valueAt = (step) => compact(low + (step / STEPS) * (high - low));
    this.sliders = [this.#slider("At least", 0, valueAt), this.#slider("At most", STEPS, valueAt)];
    const stops = [0, 0.25, 0.5, 0.75, 1].map((part) =>
      cssColor(this.palette, Math.round(part * (STEPS - 1))),
    );
    brush.style.setProperty("--ramp", `linear-gradient(to right, ${stops.join(", ")})`);
    brush.append(...this.sliders);
    return brush;
  }

  /**
   * @param {string} label
   * @param {number} initial
   * @param {(step: number) => string} valueAt
   */
  #slider(label, initial, valueAt) {
    const slider = make("input");
    slider.type = "range";
    slider.min = "0";
    slider.max = String(STEPS);
    slider.defaultValue = String(initial);
    slider.setAttribute("aria-label", label);
    slider.setAttribute("aria-valuetext", valueAt(initial));
    slider.addEventListener("input", () => {
      slider.title = valueAt(slider.valueAsNumber);
      slider.setAttribute("aria-valuetext", slider.title);
      this.#chooseRange();
    });
    return slider;
  }

  #chooseRange() {
    const [from, to] = this.sliders.map((slider) => Number(slider.value)).sort((a, b) => a - b);
    this.chosen.clear();
    if (from > 0 || to < STEPS) for (let code = from; code < to; code++) this.chosen.add(code);
    this.#tell();
  }
}
