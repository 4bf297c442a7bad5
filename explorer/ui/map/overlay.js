/** What is drawn over the points on a 2-D canvas: names, the query and its neighbours, the lasso. */

const TAU = 2 * Math.PI;

/**
 * @typedef {Object} Theme colours and font of the page, read from Streamlit's CSS variables
 * @property {string} text
 * @property {string} background
 * @property {string} accent
 * @property {string} font
 */

/** @returns {Theme} */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", "#222"),
    background: read("--st-background-color", "#fff"),
    accent: read("--st-primary-color", "#e33"),
    font: read("--st-font", "sans-serif"),
  };
}

function ring(pen, [x, y], radius, colour, width) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, TAU);
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

/** A ring that can be seen on any colour: the theme's background around it. */
function haloRing(pen, theme, place, radius, colour) {
  ring(pen, place, radius, theme.background, 5);
  ring(pen, place, radius, colour, 2.5);
}

export function drawQuery(pen, theme, query, neighbours) {
  pen.globalAlpha = 0.55;
  pen.strokeStyle = theme.accent;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (const place of neighbours) {
    pen.moveTo(...query);
    pen.lineTo(...place);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  for (const place of neighbours) ring(pen, place, 5, theme.accent, 1.5);
  haloRing(pen, theme, query, 10, theme.accent);
}

export function drawHover(pen, theme, place, radius) {
  haloRing(pen, theme, place, Math.max(6, radius), theme.text);
}

export function drawLasso(pen, theme, path) {
  pen.beginPath();
  path.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
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
 * The largest groups get their names first; a name that would cover another is left out.
 *
 * @param {Array<{x: number, y: number, text: string, size: number}>} labels largest first
 */
export function drawLabels(pen, theme, view, labels) {
  const taken = [];
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  const largest = labels[0]?.size || 1;
  for (const label of labels) {
    const [x, y] = view.toScreen(label.x, label.y);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    const height = 11 + Math.round(4 * Math.sqrt(label.size / largest));
    const text = label.text.length > LONGEST_NAME ? `${label.text.slice(0, LONGEST_NAME)}…` : label.text;
    pen.font = `600 ${height}px ${theme.font}`;
    const half = pen.measureText(text).width / 2 + 4;
    const box = { left: x - half, right: x + half, top: y - height, bottom: y + height };
    if (taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    pen.strokeStyle = theme.background;
    pen.globalAlpha = 0.85;
    pen.lineWidth = 4;
    pen.strokeText(text, x, y);
    pen.globalAlpha = 1;
    pen.fillStyle = theme.text;
    pen.fillText(text, x, y);
  }
}

const overlaps = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
