/** The buttons over the map. */

import { make } from "../common/elements.js";

/** @import { Tool } from "./gestures.js" */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  lasso: "M12 5c5 0 9 2 9 5s-4 5-9 5-9-2-9-5 4-5 9-5zM7 14c-2 1-3 3-1 5",
  pan: "M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3",
  zoomIn: "M12 5v14M5 12h14",
  zoomOut: "M5 12h14",
  reset: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  photos: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  density:
    "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 11.5a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1z",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  vector: "M5 19C5 9 15 15 19 5M3 17h4v4H3zM17 3h4v4h-4z",
  turn: "M4 12a8 4 0 1 0 8-4M12 4v8M9 11l3 3 3-3",
};

/** @param {keyof typeof ICONS} name */
function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * @param {keyof typeof ICONS} name of its icon
 * @param {string} label
 * @param {() => void} action
 */
function button(name, label, action) {
  const element = make("button");
  element.title = label;
  element.setAttribute("aria-label", label);
  element.append(icon(name));
  element.addEventListener("click", action);
  return element;
}

/**
 * @param {string} label
 * @param {HTMLElement[]} buttons
 */
function group(label, ...buttons) {
  const element = make("div", "group");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
  element.append(...buttons);
  return element;
}

/**
 * @param {{tool: (name: Tool) => void, zoom: (factor: number) => void, reset: () => void,
 *   photos: (shown: boolean) => void, density: (shown: boolean) => void, save: (format: "png"|"svg") => void}} actions
 */
export function createToolbar(actions) {
  /**
   * @param {HTMLElement} element
   * @param {boolean} pressed
   */
  const press = (element, pressed) => element.setAttribute("aria-pressed", String(pressed));
  const lasso = button(
    "lasso",
    "Lasso: drag to select (Shift adds, Alt subtracts, both keep what is in both)",
    () => choose("lasso"),
  );
  const pan = button("pan", "Pan: drag to move (or hold Space, or the middle button)", () =>
    choose("pan"),
  );
  const turn = button(
    "turn",
    "Turn: drag to see the map from another side (or Shift and arrow keys)",
    () => choose("turn"),
  );
  turn.hidden = true;
  /**
   * @param {"photos" | "density"} name
   * @param {string} label
   */
  const toggle = (name, label) => {
    const element = button(name, label, () => {
      const shown = element.getAttribute("aria-pressed") !== "true";
      press(element, shown);
      actions[name](shown);
    });
    return element;
  };
  const photos = toggle("photos", "Photos instead of points when zoomed in");
  const density = toggle("density", "Shade where most images lie, while the whole map is seen");
  /** @param {Tool} name */
  function choose(name) {
    press(lasso, name === "lasso");
    press(pan, name === "pan");
    press(turn, name === "turn");
    actions.tool(name);
  }
  choose("lasso");
  press(photos, true);
  press(density, false);

  const toolbar = make("div", "toolbar");
  toolbar.append(
    group("Dragging", lasso, pan, turn),
    group(
      "Zoom",
      button("zoomIn", "Zoom in (+)", () => actions.zoom(1.5)),
      button("zoomOut", "Zoom out (−)", () => actions.zoom(1 / 1.5)),
      button("reset", "Show everything (0, or double click)", actions.reset),
    ),
    group(
      "Picture",
      photos,
      density,
      button("save", "Save the map as a picture (PNG)", () => actions.save("png")),
      button("vector", "Save the map as a drawing (SVG)", () => actions.save("svg")),
    ),
  );
  /** @param {boolean} shown */
  const showDensity = (shown) => press(density, shown);
  /**
   * A map in space can be turned, and begins so; a flat one cannot.
   * @param {boolean} offered
   */
  const offerTurning = (offered) => {
    if (turn.hidden !== offered) return;
    turn.hidden = !offered;
    choose(offered ? "turn" : "lasso");
  };
  return { element: toolbar, showDensity, offerTurning };
}
