/** How often each value occurs, as a list of bars that mouse and keyboard can choose. */

import { closest, make } from "../common/elements.js";
import { attach, send } from "../common/events.js";
import { mounted } from "../common/mount.js";

/** @import { Addressed, Component } from "../common/types.js" */

/**
 * @typedef {Object} Values
 * @property {string[]} names
 * @property {number[]} counts
 * @property {boolean[]} asked those that the filter asks for
 * @property {string[]} conditions what a click asks for
 * @property {string} label
 */

/** @typedef {Addressed & Values} BarsData */

function createBar() {
  const bar = make("button", "bar");
  bar.append(make("span", "name"), make("span", "line"), make("span", "count"));
  return bar;
}

class Bars {
  /** @param {Component<BarsData>} component */
  constructor(component) {
    this.component = component;
    this.root = make("div", "explorer-bars");
    this.root.setAttribute("role", "group");
    this.root.addEventListener("click", (event) => this.#choose(closest(event, ".bar")));
  }

  /** @param {Component<BarsData>} component */
  update(component) {
    this.component = component;
    attach(component);
    const { names, counts, asked, label } = component.data;
    const most = Math.max(...counts);
    this.root.setAttribute("aria-label", label);
    this.root.classList.toggle("some", asked.includes(true));
    while (this.root.children.length > names.length) this.root.lastElementChild?.remove();
    names.forEach((name, place) => {
      // A bar stays where it is, and the keyboard at it.
      const bar = this.root.children[place] ?? this.root.appendChild(createBar());
      const count = counts[place].toLocaleString("en");
      const [title, line, number] = /** @type {Iterable<HTMLElement>} */ (bar.children);
      title.textContent = name;
      line.style.setProperty("--share", `${(100 * counts[place]) / most}%`);
      number.textContent = count;
      bar.setAttribute("title", `${name}: ${count}`);
      bar.setAttribute("aria-pressed", String(asked[place]));
    });
    this.root.dataset.ready = "";
  }

  /** @param {HTMLElement | null} bar */
  #choose(bar) {
    if (!bar) return;
    const place = [...this.root.children].indexOf(bar);
    send(this.component, "bar", { condition: this.component.data.conditions[place] });
  }
}

export default await mounted(import.meta.url, {
  styles: ["bars.css"],
  create: (component) => new Bars(component),
});
