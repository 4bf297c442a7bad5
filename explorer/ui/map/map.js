/**
 * What Streamlit calls: at mount and at every change of data or theme with the same parent element.
 * The map itself lives in a widget that outlives reruns and, for a while, the page it is on.
 */

import { MapWidget } from "./widget.js";

const styles = await Promise.all(
  ["map.css", "legend.css"].map(async (name) => {
    const response = await fetch(new URL(name, import.meta.url));
    return new CSSStyleSheet().replace(await response.text());
  }),
);

const MOST_PARKED = 2;

/** Maps of pages the user has left, by their layout: coming back needs no loading at all. */
const parked = new Map();

function takeParked(key) {
  const widget = parked.get(key);
  parked.delete(key);
  return widget;
}

function park(widget) {
  const key = widget.loaded.x;
  if (!key) return widget.destroy();
  parked.get(key)?.destroy();
  parked.set(key, widget);
  if (parked.size > MOST_PARKED) takeParked(parked.keys().next().value).destroy();
  return undefined;
}

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.widget) {
    shadow.adoptedStyleSheets = styles;
    mount.widget = takeParked(component.data.x) ?? new MapWidget();
    mount.append(mount.widget.root);
  }
  mount.widget.update(component);
  return () => {
    // Streamlit also calls this when a newer render overtook this one: then the map is still in use.
    if (mount.isConnected || !mount.widget) return;
    park(mount.widget);
    delete mount.widget;
  };
}
