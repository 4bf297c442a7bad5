/** The map as it is seen, as an SVG: points and names stay sharp at any size, and can be edited. */

import { make, penOf } from "../common/elements.js";
import { hasBit } from "./bits.js";
import { cssColor } from "./colors.js";
import { pointStyle } from "./engine.js";
import { placeLabels } from "./overlay.js";

/** @import { Renderer } from "./renderer.js" */

const MOST_DOTS = 200_000; // more would choke what opens the file: then the points are a picture

/** @param {string} text */
const escaped = (text) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** @param {Renderer} renderer */
export function toSvg(renderer) {
  const { view, theme } = renderer;
  const { width, height } = view;
  const rows = rowsInView(renderer);
  const points = rows ? dots(renderer, rows) : picture(renderer);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${theme.background}"/>`,
    points,
    query(renderer),
    names(renderer),
    "</svg>",
  ].join("\n");
}

/**
 * Null when there are too many.
 * @param {Renderer} renderer
 */
function rowsInView({ x, view, shown, y }) {
  const area = view.visible(10);
  const rows = [];
  for (let row = 0; row < x.length; row++) {
    if (x[row] < area.minX || x[row] > area.maxX || y[row] < area.minY || y[row] > area.maxY)
      continue;
    if (shown && !hasBit(shown, row)) continue;
    rows.push(row);
    if (rows.length > MOST_DOTS) return null;
  }
  return rows;
}

/**
 * @param {Renderer} renderer
 * @param {number} row
 */
const spot = ({ x, y, view }, row) =>
  view.toScreen(x[row], y[row]).map((pixels) => pixels.toFixed(1));

/**
 * One path per colour: a dot is a line of no length with round ends.
 * @param {Renderer} renderer
 * @param {number[]} rows
 */
function dots(renderer, rows) {
  const { size, alpha } = pointStyle(renderer.x.length, renderer.view);
  const { codes, palette, selected, emphasized } = renderer;
  /** @type {Map<string, string[]>} */
  const paths = new Map();
  for (const row of rows) {
    const dim = (selected && !hasBit(selected, row)) || (emphasized && !emphasized.has(codes[row]));
    const key = `stroke="${cssColor(palette, codes[row])}" opacity="${dim ? 0.08 : alpha.toFixed(2)}"`;
    const marks = paths.get(key) ?? [];
    if (!marks.length) paths.set(key, marks);
    marks.push(`M${spot(renderer, row).join(" ")}h0`);
  }
  const drawn = [...paths].map(([key, marks]) => `<path ${key} d="${marks.join("")}"/>`);
  return `<g fill="none" stroke-linecap="round" stroke-width="${size.toFixed(1)}">\n${drawn.join("\n")}\n</g>`;
}

/** @param {Renderer} renderer */
function picture({ pointCanvas, view }) {
  return `<image width="${view.width}" height="${view.height}" href="${pointCanvas.toDataURL("image/png")}"/>`;
}

/** @param {Renderer} renderer */
function query(renderer) {
  const { scene, theme } = renderer;
  if (scene.query === null) return "";
  const [x, y] = spot(renderer, scene.query);
  const lines = scene.neighbors
    .map((row) => `M${x} ${y}L${spot(renderer, row).join(" ")}`)
    .join("");
  return (
    `<g fill="none" stroke="${theme.accent}"><path opacity="0.55" d="${lines}"/>` +
    `<circle cx="${x}" cy="${y}" r="10" stroke-width="3"/></g>`
  );
}

/** @param {Renderer} renderer */
function names(renderer) {
  const { scene, theme, view } = renderer;
  const pen = penOf(make("canvas"));
  const labels = scene.labels.map((label) => {
    const [x, y] = spot(renderer, label.row).map(Number);
    return { ...label, x, y };
  });
  const texts = placeLabels(pen, "sans-serif", view, labels).map(
    ({ text, x, y, height }) =>
      `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${height}">${escaped(text)}</text>`,
  );
  return (
    `<g text-anchor="middle" dominant-baseline="middle" font-family="sans-serif" font-weight="600" fill="${theme.text}" ` +
    `stroke="${theme.background}" stroke-width="3" paint-order="stroke">${texts.join("")}</g>`
  );
}
