/** What is taken for what, as a table of cells that mouse and keyboard can choose from. */

import { attach, send } from "../common/events.js";

const styles = new CSSStyleSheet();
styles.replaceSync(await (await fetch(new URL("matrix.css", import.meta.url))).text());

const LARGEST = 24; // pixels of a cell
const SMALLEST = 11;
const ROOM = 200; // pixels, in a narrow column
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function make(tag, role, text) {
  const element = document.createElement(tag);
  element.setAttribute("role", role);
  if (text !== undefined) element.textContent = text;
  return element;
}

class Matrix {
  constructor() {
    this.root = make("table", "grid");
    this.root.className = "explorer-matrix";
    this.place = [0, 0]; // of the cell that the keyboard is at
    this.root.addEventListener("click", (event) => this.#choose(event.target.closest("td")));
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.root.addEventListener("focusin", (event) => this.#at(event.target));
  }

  update(component) {
    this.component = component;
    attach(component);
    const { names, counts, totals, chosen, label } = component.data;
    const drawn = JSON.stringify([names, counts, totals]);
    if (this.drawn !== drawn) this.#draw(names, counts, totals);
    this.drawn = drawn;
    this.root.setAttribute("aria-label", label);
    for (const cell of this.root.querySelectorAll("td[data-row]")) {
      const on =
        chosen &&
        Number(cell.dataset.row) === chosen[0] &&
        Number(cell.dataset.column) === chosen[1];
      cell.setAttribute("aria-selected", String(Boolean(on)));
    }
    this.root.dataset.ready = "";
  }

  #draw(names, counts, totals) {
    const side = Math.max(SMALLEST, Math.min(LARGEST, ROOM / names.length));
    this.root.style.setProperty("--side", `${side}px`);
    const head = make("tr", "row");
    head.append(
      make("td", "presentation"),
      ...names.map((name) => this.#name(name, "columnheader")),
    );
    const rows = names.map((name, row) => {
      const line = make("tr", "row");
      line.append(this.#name(name, "rowheader"));
      counts[row].forEach((count, column) => {
        line.append(this.#cell(names, [row, column], count, totals[row]));
      });
      return line;
    });
    this.root.replaceChildren(head, ...rows);
    const first = counts.flatMap((line, row) => line.map((count, column) => [count, row, column]));
    const [, row, column] = first.reduce((most, each) => (each[0] > most[0] ? each : most));
    this.#focusable([row, column]);
  }

  #name(name, role) {
    const cell = make("th", role);
    const text = document.createElement("span");
    text.textContent = name;
    cell.append(text);
    cell.title = name;
    return cell;
  }

  #cell(names, [row, column], count, total) {
    const cell = make("td", "gridcell");
    const share = count / Math.max(total, 1);
    const many = count ? `${count.toLocaleString("en")} of ${total.toLocaleString("en")}` : "none";
    const says =
      row === column
        ? `${names[row]}: as labelled`
        : `${names[row]}, looks like ${names[column]}: ${many}`;
    cell.setAttribute("aria-label", says);
    cell.title = says;
    cell.tabIndex = -1;
    Object.assign(cell.dataset, { row, column });
    if (count) {
      cell.classList.add("some");
      cell.style.setProperty("--share", `${40 + 60 * Math.sqrt(share)}%`);
    }
    return cell;
  }

  #cellAt([row, column]) {
    return this.root.querySelector(`td[data-row="${row}"][data-column="${column}"]`);
  }

  /** Tab reaches one cell, the one where the keyboard was last. */
  #focusable(place) {
    this.#cellAt(this.place)?.setAttribute("tabindex", "-1");
    this.place = place;
    this.#cellAt(place).setAttribute("tabindex", "0");
  }

  #at(cell) {
    if (cell.dataset.row !== undefined)
      this.#focusable([Number(cell.dataset.row), Number(cell.dataset.column)]);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.#choose(event.target.closest("td"));
    else if (STEPS[event.key]) this.#step(STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step([down, right]) {
    const cell = this.#cellAt([this.place[0] + down, this.place[1] + right]);
    cell?.focus();
  }

  #choose(cell) {
    if (!cell?.classList.contains("some")) return;
    const { names, table } = this.component.data;
    const pair = [cell.dataset.row, cell.dataset.column].map((place) => names[place]);
    send(this.component, "cell", { table, pair });
  }
}

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.widget) {
    shadow.adoptedStyleSheets = [styles];
    mount.widget = new Matrix();
    mount.append(mount.widget.root);
  }
  mount.widget.update(component);
  return () => {
    if (!mount.isConnected) delete mount.widget;
  };
}
