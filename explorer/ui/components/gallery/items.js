/** What Python sends about photos, made ready to be shown. */

/** @import { GalleryData, Item, ItemWire, Shown } from "./types.js" */

const SHORT_NOTE = 14; // characters that fit the smallest cells

/**
 * @param {ItemWire} wire
 * @returns {Item}
 */
export const itemOf = ([id, caption = "", badge = "", tone = "", note = ""]) => ({
  id,
  caption,
  badge,
  tone,
  note,
});

/** @param {Item[]} items */
function noteLinesOf(items) {
  const longest = items.reduce((most, item) => Math.max(most, item.note.length), 0);
  if (!longest) return 0;
  return longest > SHORT_NOTE ? 2 : 1;
}

/**
 * What all cells have in common.
 * @param {Item[]} items
 * @param {GalleryData} data
 * @returns {Shown}
 */
export const sharedOf = (items, data) => ({
  captions: items.some((item) => item.caption),
  noteLines: noteLinesOf(items),
  count: items.length,
  thumb: data.thumb,
  actions: data.actions,
  fill: data.toolbar, // a short row of photos keeps to its height
  strip: data.strip,
});
