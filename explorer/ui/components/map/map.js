import { mounted } from "../common/mount.js";
import { createMap, MapWidget } from "./widget.js";

/** @import { NoMap } from "./widget.js" */

const MOST_PARKED = 2;

/** Maps of pages the user has left, by their layout: coming back needs no loading at all. */
/** @type {Map<string, MapWidget>} */
const parked = new Map();

/** @param {string} key */
function takeParked(key) {
  const widget = parked.get(key);
  parked.delete(key);
  return widget;
}

/** @param {MapWidget | NoMap} widget */
function park(widget) {
  if (!(widget instanceof MapWidget)) return;
  const key = widget.loaded.x;
  if (!key) return widget.destroy();
  parked.get(key)?.destroy();
  parked.set(key, widget);
  const [oldest] = parked.keys();
  if (parked.size > MOST_PARKED) takeParked(oldest)?.destroy();
}

export default await mounted(import.meta.url, {
  styles: ["map.css", "legend.css"],
  create: (component) => takeParked(component.data.x) ?? createMap(component),
  leave: park,
});
