/** Hands the map as it is seen to the browser's downloads. */

import { make, penOf } from "../common/elements.js";
import { toSvg } from "./svg.js";

/** @import { Renderer } from "./renderer.js" */

/**
 * @param {Renderer} renderer
 * @param {"png" | "svg"} format
 */
export async function savePicture(renderer, format) {
  renderer.finish();
  const picture =
    format === "png"
      ? await toPng(renderer)
      : new Blob([toSvg(renderer)], { type: "image/svg+xml" });
  const link = make("a");
  link.href = URL.createObjectURL(picture);
  link.download = `map.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * @param {Renderer} renderer
 * @returns {Promise<Blob>}
 */
function toPng({ pointCanvas, overlayCanvas, theme }) {
  const picture = make("canvas");
  picture.width = pointCanvas.width;
  picture.height = pointCanvas.height;
  const pen = penOf(picture);
  pen.fillStyle = theme.background;
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(pointCanvas, 0, 0);
  pen.drawImage(overlayCanvas, 0, 0);
  return new Promise((resolve, reject) => {
    picture.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error("The browser could not make a picture of the map."));
    }, "image/png");
  });
}
