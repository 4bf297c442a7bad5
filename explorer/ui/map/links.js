/** Maps of the same images, linked by name: what is pointed at or drawn around lights up in all. */

import { emptyBits, hasBit, setBit } from "./bits.js";

const links = new Map(); // name → the widgets on it

/** Puts a widget on a link, or with no name on none. */
export function link(widget, name) {
  if (widget.link === name) return;
  links.get(widget.link)?.delete(widget);
  widget.link = name;
  if (!name) return;
  if (!links.has(name)) links.set(name, new Set());
  links.get(name).add(widget);
}

/** The other maps on the same link that have their points. */
export const linked = (widget) =>
  [...(links.get(widget.link) ?? [])].filter((other) => other !== widget && other.ids);

/** The row of an image; -1 if this map has it not. Ids are ascending. */
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

/** A set of rows of one map as rows of another; null stays null. */
export function translate(bits, from, to) {
  if (!bits) return null;
  const found = emptyBits(to.length);
  from.forEach((id, row) => {
    const there = hasBit(bits, row) ? rowOf(to, id) : -1;
    if (there >= 0) setBit(found, there);
  });
  return found;
}
