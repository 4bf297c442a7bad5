/** What is drawn over the points on a 2-D canvas: names, the query and its neighbours, the lasso. */

import { make, penOf } from "../common/elements.js";

/** @import { Point } from "./types.js" */

const TAU = 2 * Math.PI;

/**
 * @typedef {Object} Theme colours and font of the page, read from Streamlit's CSS variables
 * @property {string} text
 * @property {string} background
 * @property {string} accent
 * @property {string} font
 */

/** @type {Theme} where the page says nothing */
export const PLAIN = {
  text: "#222",
  background: "#fff",
  accent: "#e33",
  font: "sans-serif",
};

/**
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  /**
   * @param {string} name
   * @param {string} otherwise
   */
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", PLAIN.text),
    background: read("--st-background-color", PLAIN.background),
    accent: read("--st-primary-color", PLAIN.accent),
    font: read("--st-font", PLAIN.font),
  };
}

/**
 * Whether a theme's background is nearer to white than to black.
 * @param {Theme} theme
 */
export function isLight({ background }) {
  const pen = penOf(make("canvas"));
  pen.fillStyle = background;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.59 * green + 0.11 * blue > 255 / 2;
}

/** @typedef {{x: number, y: number, side: number | null}} Spot a point; with a side, a photo */

/** @typedef {{x: number, y: number, text: string, size: number}} Name in pixels */

/** @typedef {CanvasRenderingContext2D} Pen */

/** @typedef {{width: number, height: number}} Size in pixels */

/**
 * @param {Pen} pen
 * @param {Spot} spot
 * @param {number} radius
 */
function outline(pen, { x, y, side }, radius) {
  pen.beginPath();
  if (side) pen.rect(x - side / 2 - 2, y - side / 2 - 2, side + 4, side + 4);
  else pen.arc(x, y, radius, 0, TAU);
}

/**
 * An outline that can be seen on any colour: the theme's background around it.
 * @param {Pen} pen
 * @param {Theme} theme
 * @param {Spot} spot
 * @param {number} radius
 * @param {string} color
 */
function highlight(pen, theme, spot, radius, color) {
  outline(pen, spot, radius);
  pen.lineWidth = 6;
  pen.strokeStyle = theme.background;
  pen.stroke();
  pen.lineWidth = 3;
  pen.strokeStyle = color;
  pen.stroke();
}

/**
 * @param {Pen} pen
 * @param {Theme} theme
 * @param {Spot} query
 * @param {Spot[]} neighbors
 */
export function drawQuery(pen, theme, query, neighbors) {
  pen.globalAlpha = 0.55;
  pen.strokeStyle = theme.accent;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (const spot of neighbors) {
    pen.moveTo(query.x, query.y);
    pen.lineTo(spot.x, spot.y);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5;
  for (const spot of neighbors) {
    outline(pen, spot, 5);
    pen.stroke();
  }
  highlight(pen, theme, query, 10, theme.accent);
}

/**
 * @param {Pen} pen
 * @param {Theme} theme
 * @param {Spot} spot
 * @param {number} radius
 */
export function drawHover(pen, theme, spot, radius) {
  highlight(pen, theme, spot, Math.max(6, radius), theme.text);
}

/**
 * @param {Pen} pen
 * @param {Theme} theme
 * @param {Point[]} path
 */
export function drawLasso(pen, theme, path) {
  pen.beginPath();
  for (const [x, y] of path) pen.lineTo(x, y); // the first one only begins
  pen.closePath();
  pen.fillStyle = theme.accent;
  pen.globalAlpha = 0.12;
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = theme.accent;
  pen.lineWidth = 1.5;
  pen.setLineDash([5, 4]);
  pen.stroke();
  pen.setLineDash([]);
}

const LONGEST_NAME = 28; // characters

/**
 * A name as far as there is room for it on the map.
 * @param {string} name
 */
const short = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);

/**
 * Where names are written: the largest groups get theirs first; one that would cover another is left out.
 * @param {Pen} pen
 * @param {string} font
 * @param {Size} view
 * @param {Name[]} labels largest first
 * @returns {Array<{text: string, x: number, y: number, height: number}>} their middles and sizes
 */
export function placeLabels(pen, font, view, labels) {
  const placed = [];
  /** @type {Box[]} */
  const taken = [];
  const largest = labels[0]?.size || 1;
  for (const label of labels) {
    if (!(label.x >= 0 && label.y >= 0 && label.x <= view.width && label.y <= view.height))
      continue;
    const height = 11 + Math.round(4 * Math.sqrt(label.size / largest));
    const text = short(label.text);
    pen.font = `600 ${height}px ${font}`;
    const half = pen.measureText(text).width / 2 + 4;
    const x = inside(label.x, half, view.width);
    const y = inside(label.y, height, view.height);
    const box = { left: x - half, right: x + half, top: y - height, bottom: y + height };
    if (taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    placed.push({ text, x, y, height });
  }
  return placed;
}

/**
 * @param {Pen} pen
 * @param {Theme} theme
 * @param {Size} view
 * @param {Name[]} labels largest first
 */
export function drawLabels(pen, theme, view, labels) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const { text, x, y, height } of placeLabels(pen, theme.font, view, labels)) {
    pen.font = `600 ${height}px ${theme.font}`;
    pen.strokeStyle = theme.background;
    pen.globalAlpha = 0.85;
    pen.lineWidth = 4;
    pen.strokeText(text, x, y);
    pen.globalAlpha = 1;
    pen.fillStyle = theme.text;
    pen.fillText(text, x, y);
  }
}

/**
 * The nearest place to `middle` at which something that reaches so far both ways is not cut off.
 * @param {number} middle
 * @param {number} reach
 * @param {number} end
 */
const inside = (middle, reach, end) => Math.max(reach, Math.min(end - reach, middle));

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

/**
 * @param {Box} one
 * @param {Box} other
 */
const overlaps = (one, other) =>
  one.left < other.right &&
  other.left < one.right &&
  one.top < other.bottom &&
  other.top < one.bottom;
