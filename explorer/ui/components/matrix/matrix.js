/** What is taken for what, as a table of cells that mouse and keyboard can choose from. */

import { closest, make } from "../common/elements.js";
import { attach, send } from "../common/events.js";
import { mounted } from "../common/mount.js";

/** @import { Addressed, Component } from "../common/types.js" */

/** @typedef {[row: number, column: number]} Place of a cell */

/**
 * @typedef {Object} Table
 * @property {string[]} names
 * @property {number[][]} counts how many images with the label of the row look like the column's
 * @property {number[]} totals how many have each label at all
 * @property {string} label
 * @property {string} table which one it is
 * @property {Place | null} chosen
 */

/** @typedef {Addressed & Table} MatrixData */

const LARGEST = 24; // pixels of a cell
const SMALLEST = 11;
const ROOM = 200; // pixels, in a narrow column
/** @type {Record<string, [down: number, right: number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * @template {"table" | "tr" | "th" | "td"} Tag
 * @param {Tag} tag
 * @param {string} role
 */
function part(tag, role) {
  const element = make(tag);
  element.setAttribute("role", role);
  return element;
}

class Matrix {
  /** @param {Component<MatrixData>} component */
  constructor(component) {
    this.component = component;
    this.drawn = ""; // the table as JSON
    this.root = part("table", "grid");
    this.root.className = "explorer-matrix";
    /** @type {Place} of the cell that the keyboard is at */
    this.place = [0, 0];
    this.root.addEventListener("click", (event) => this.#choose(closest(event, "td")));
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.root.addEventListener("focusin", (event) => this.#at(closest(event, "td")));
  }

  /** @param {Component<MatrixData>} component */
  update(component) {
    this.component = component;
    attach(component);
    const { names, counts, totals, chosen, label } = component.data;
    const drawn = JSON.stringify([names, counts, totals]);
    if (this.drawn !== drawn) this.#draw(names, counts, totals);
    this.drawn = drawn;
    this.root.setAttribute("aria-label", label);
    /** @type {NodeListOf<HTMLElement>} */
    const cells = this.root.querySelectorAll("td[data-row]");
    for (const cell of cells) {
      const on =
        chosen &&
        Number(cell.dataset.row) === chosen[0] &&
        Number(cell.dataset.column) === chosen[1];
      cell.setAttribute("aria-selected", String(Boolean(on)));
    }
    this.root.dataset.ready = "";
  }

  /**
   * @param {string[]} names
   * @param {number[][]} counts
   * @param {number[]} totals
   */
  #draw(names, counts, totals) {
    const side = Math.max(SMALLEST, Math.min(LARGEST, ROOM / names.length));
    this.root.style.setProperty("--side", `${side}px`);
    const head = part("tr", "row");
    head.append(
      part("td", "presentation"),
      ...names.map((name) => this.#name(name, "columnheader")),
    );
    const rows = names.map((name, row) => {
      const line = part("tr", "row");
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

  /**
   * @param {string} name
   * @param {string} role
   */
  #name(name, role) {
    const cell = part("th", role);
    const text = make("span", "", name);
    cell.append(text);
    cell.title = name;
    return cell;
  }

  /**
   * @param {string[]} names
   * @param {Place} place
   * @param {number} count
   * @param {number} total
   */
  #cell(names, [row, column], count, total) {
    const cell = part("td", "gridcell");
    const share = count / Math.max(total, 1);
    const many = count ? `${count.toLocaleString("en")} of ${total.toLocaleString("en")}` : "none";
    const says =
      row === column
        ? `${names[row]}: as labelled`
        : `${names[row]}, looks like ${names[column]}: ${many}`;
    cell.setAttribute("aria-label", says);
    cell.title = says;
    cell.tabIndex = -1;
    cell.dataset.row = String(row);
    cell.dataset.column = String(column);
    if (count) {
      cell.classList.add("some");
      cell.style.setProperty("--share", `${40 + 60 * Math.sqrt(share)}%`);
    }
    return cell;
  }

  /**
   * @param {Place} place
   * @returns {HTMLElement | null}
   */
  #cellAt([row, column]) {
    return this.root.querySelector(`td[data-row="${row}"][data-column="${column}"]`);
  }

  /**
   * Tab reaches one cell, the one where the keyboard was last.
   * @param {Place} place
   */
  #focusable(place) {
    this.#cellAt(this.place)?.setAttribute("tabindex", "-1");
    this.place = place;
    this.#cellAt(place)?.setAttribute("tabindex", "0");
  }

  /** @param {HTMLElement | null} cell */
  #at(cell) {
    if (cell?.dataset.row !== undefined)
      this.#focusable([Number(cell.dataset.row), Number(cell.dataset.column)]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.#choose(closest(event, "td"));
    else if (STEPS[event.key]) this.#step(STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {[down: number, right: number]} step */
  #step([down, right]) {
    const cell = this.#cellAt([this.place[0] + down, this.place[1] + right]);
    cell?.focus();
  }

  /** @param {HTMLElement | null} cell */
  #choose(cell) {
    if (!cell?.classList.contains("some")) return;
    const { names, table } = this.component.data;
    const pair = [cell.dataset.row, cell.dataset.column].map((place) => names[Number(place)]);
    send(this.component, "cell", { table, pair });
  }
}

export default await mounted(import.meta.url, {
  styles: ["matrix.css"],
  create: (component) => new Matrix(component),
});
