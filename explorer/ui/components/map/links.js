/** Maps of the same images, linked by name: what is pointed at or drawn around lights up in all. */

import { emptyBits, hasBit, setBit } from "./bits.js";

/**
 * @typedef {Object} Linkable a map
 * @property {string | null} link the name of its link
 * @property {Int32Array} ids of its rows, ascending; empty until they are there
 * @property {(id: number) => void} point shows which image another map points at; -1: none
 * @property {(selected: Uint8Array | null) => void} light shows a selection of rows
 */

/** @type {Map<string, Set<Linkable>>} name → the widgets on it */
const links = new Map();

/**
 * Puts a widget on a link, or with no name on none.
 * @param {Linkable} widget
 * @param {string | null} name
 */
export function link(widget, name) {
  if (widget.link === name) return;
  if (widget.link) links.get(widget.link)?.delete(widget);
  widget.link = name;
  if (name) links.set(name, (links.get(name) ?? new Set()).add(widget));
}

/**
 * The other maps on the same link that have their points.
 * @param {Linkable} widget
 */
export const linked = (widget) =>
  [...(links.get(widget.link ?? "") ?? [])].filter((other) => other !== widget && other.ids.length);

/**
 * The row of an image; -1 if this map does not have it.
 * @param {Int32Array} ids ascending
 * @param {number} id
 */
export function rowOf(ids, id) {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (ids[middle] === id) return middle;
    if (ids[middle] < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * A set of rows of one map as rows of another; null stays null.
 * @param {Uint8Array | null} bits
 * @param {Int32Array} from the ids of the one
 * @param {Int32Array} to the ids of the other
 */
export function translate(bits, from, to) {
  if (!bits) return null;
  const found = emptyBits(to.length);
  from.forEach((id, row) => {
    const there = hasBit(bits, row) ? rowOf(to, id) : -1;
    if (there >= 0) setBit(found, there);
  });
  return found;
}
