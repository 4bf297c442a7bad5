/** How far two photos are apart, pixel by pixel. */

import { make, penOf } from "../common/elements.js";

const SIDE = 256; // pixels: both photos are scaled to a square of this side

/** @param {HTMLImageElement} photo */
function pixelsOf(photo) {
  const canvas = make("canvas");
  canvas.width = canvas.height = SIDE;
  const context = penOf(canvas, { willReadFrequently: true });
  context.drawImage(photo, 0, 0, SIDE, SIDE);
  return context.getImageData(0, 0, SIDE, SIDE).data;
}

/**
 * The mean absolute difference over all pixels and colours, 0 to 255.
 * @param {HTMLImageElement} first
 * @param {HTMLImageElement} second
 */
export function meanDifference(first, second) {
  const [one, other] = [pixelsOf(first), pixelsOf(second)];
  let sum = 0;
  for (let place = 0; place < one.length; place++) sum += Math.abs(one[place] - other[place]);
  return sum / (3 * SIDE * SIDE); // the fourth of each pixel is its opacity, always the same
}
