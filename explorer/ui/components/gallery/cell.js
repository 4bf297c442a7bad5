/** One photo of the grid. Everything from the data set goes in as text, never as HTML. */

import { make } from "../common/elements.js";

/** @import { Action, Item, Shown } from "./types.js" */

/**
 * For the mouse alone: a photo is an option, which holds no buttons. Its keys are the signs.
 * @param {Action[]} actions
 */
function createActions(actions) {
  const bar = make("span", "actions");
  bar.setAttribute("aria-hidden", "true");
  for (const [key, name, sign] of actions) {
    const action = make("span", "action", sign);
    action.title = `${name} (${sign})`;
    action.dataset.action = key;
    bar.append(action);
  }
  return bar;
}

/**
 * @param {Item} item
 * @param {number} index
 * @param {Shown} shown
 */
export function createCell(item, index, shown) {
  const name = item.caption || `Image ${item.id}`;
  const cell = make("div", "cell");
  cell.id = `cell-${index}`;
  cell.dataset.index = String(index);
  cell.dataset.id = String(item.id);
  cell.setAttribute("role", "option");
  cell.dataset.name = [name, item.badge, item.note].filter(Boolean).join(", ");
  cell.setAttribute("aria-label", cell.dataset.name);
  cell.setAttribute("aria-posinset", String(index + 1));
  cell.setAttribute("aria-setsize", String(shown.count));

  const photo = make("div", "photo");
  const image = make("img");
  image.alt = name;
  image.decoding = "async";
  image.draggable = false;
  image.onerror = () => photo.classList.add("broken");
  image.src = shown.thumb.replace("{id}", String(item.id));
  photo.append(image, make("span", "tick"), make("span", "tags"));
  if (item.badge) photo.append(make("span", `badge ${item.tone}`.trim(), item.badge));
  if (shown.actions.length) photo.append(createActions(shown.actions));
  cell.append(photo);

  if (shown.captions) cell.append(make("div", "caption", item.caption));
  if (shown.noteLines) cell.append(make("div", "note", item.note));
  cell.title = [name, item.note].filter(Boolean).join("\n");
  return cell;
}
