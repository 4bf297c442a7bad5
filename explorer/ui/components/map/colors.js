/**
 * From a column to one colour code (0 to 255) per point and a palette of 256 colours.
 * Dimming a category or a range is then a change of the palette alone, not of a million points.
 */

/** @import { Color } from "./types.js" */

/** @typedef {Float32Array | Uint16Array} Values numbers, or codes of categories; one per row */

export const MAX_CATEGORIES = 64;
export const STEPS = 250; // of a number's range
export const OTHER = 254; // categories past the palette
export const MISSING = 255;
export const MISSING_CATEGORY = 65535;
const GRAY = [138, 143, 152];

/** @param {string} hex */
const channels = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** @param {Values} categories */
export function codesOfCategories(categories) {
  const codes = new Uint8Array(categories.length);
  for (let row = 0; row < codes.length; row++) {
    const category = categories[row];
    if (category < MAX_CATEGORIES) codes[row] = category;
    else codes[row] = category === MISSING_CATEGORY ? MISSING : OTHER;
  }
  return codes;
}

/**
 * @param {Values} values NaN is missing; values out of range take the ends' colours
 * @param {[number, number]} range
 */
export function codesOfNumbers(values, [low, high]) {
  const codes = new Uint8Array(values.length);
  const perUnit = (STEPS - 1) / (high - low || 1);
  for (let row = 0; row < codes.length; row++) {
    const value = values[row];
    codes[row] = Number.isNaN(value)
      ? MISSING
      : Math.max(0, Math.min(STEPS - 1, Math.round((value - low) * perUnit)));
  }
  return codes;
}

/**
 * @param {Values} values
 * @param {Color} color
 */
export const codesOf = (values, color) =>
  color.kind === "number" ? codesOfNumbers(values, color.range) : codesOfCategories(values);

/**
 * RGBA for each code; alpha 255.
 * @param {Color} color
 */
export function paletteOf(color) {
  const palette = new Uint8Array(256 * 4);
  for (let code = 0; code < 256; code++) palette.set([...GRAY, 255], code * 4);
  if (color.kind === "number") {
    const stops = color.ramp.map(channels);
    for (let code = 0; code < STEPS; code++) {
      palette.set(between(stops, code / (STEPS - 1)), code * 4);
    }
  } else {
    color.categories.slice(0, MAX_CATEGORIES).forEach((category, code) => {
      palette.set(channels(category.color), code * 4);
    });
  }
  return palette;
}

/**
 * @param {number[][]} stops
 * @param {number} fraction
 */
function between(stops, fraction) {
  const place = fraction * (stops.length - 1);
  const at = Math.min(Math.floor(place), stops.length - 2);
  return stops[at].map((from, channel) => from + (stops[at + 1][channel] - from) * (place - at));
}

/**
 * The palette with alpha 0 for every code that is not emphasised.
 * @param {Uint8Array} palette
 * @param {Set<number> | null} codes null emphasises all
 */
export function emphasize(palette, codes) {
  const result = palette.slice();
  for (let code = 0; code < 256; code++) {
    result[code * 4 + 3] = !codes || codes.has(code) ? 255 : 0;
  }
  return result;
}

/**
 * @param {Uint8Array} palette
 * @param {number} code
 */
export const cssColor = (palette, code) =>
  `rgb(${palette.slice(code * 4, code * 4 + 3).join(" ")})`;
