/** Hands the map as it is seen to the browser's downloads. */

/** @import { Renderer } from "./renderer.js" */

/**
 * @param {Renderer} renderer
 * @param {"png" | "svg"} format
 */
export async function savePicture(renderer, format) {
  const picture =
    format === "png"
      ? await renderer.toBlob()
      : new Blob([renderer.toSvg()], { type: "image/svg+xml" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = `map.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
