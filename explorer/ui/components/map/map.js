import { mounted } from "../common/mount.js";
import { NoWebGL } from "./engine.js";
import { Frame, reasonOf } from "./frame.js";
import { NoMap } from "./no_map.js";
import { Renderer } from "./renderer.js";
import { MapWidget } from "./widget.js";

/** @import { Component } from "../common/types.js" */
/** @import { MapData } from "./types.js" */

const MOST_PARKED = 2;

const NEEDS_WEBGL =
  "The map cannot be drawn: it needs WebGL2, which this browser does not offer. " +
  "Switch on hardware acceleration, or use a current Chrome, Edge, Firefox or Safari.";

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

/**
 * A map; where the browser cannot draw one, words that say so.
 * @param {Component<MapData>} component
 */
function createMap(component) {
  const frame = new Frame();
  try {
    return new MapWidget(component, frame, new Renderer(frame.plot, frame.stage));
  } catch (error) {
    if (error instanceof NoWebGL) return new NoMap(frame, NEEDS_WEBGL);
    return new NoMap(frame, `The map cannot be drawn: ${reasonOf(error)}`);
  }
}

export default await mounted(import.meta.url, {
  styles: ["map.css", "legend.css"],
  create: (component) => takeParked(component.data.x) ?? createMap(component),
  leave: park,
});
