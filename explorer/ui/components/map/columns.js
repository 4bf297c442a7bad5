/** Fetches what Python points to: raw little-endian arrays, one value per row. */

import { fromBase64 } from "../common/base64.js";

/** @import { Values } from "./colors.js" */
/** @import { Color, MapData, RowSet } from "./types.js" */

/**
 * @template Values
 * @param {string} url
 * @param {new (buffer: ArrayBuffer) => Values} ArrayType
 * @returns {Promise<Values>}
 */
export async function fetchArray(url, ArrayType) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) {
    throw new Error(
      response ? `the server answered ${response.status}` : "the server did not answer",
    );
  }
  return new ArrayType(await response.arrayBuffer());
}

/**
 * Where the points are.
 * @param {MapData} data
 */
export async function fetchPlaces(data) {
  const [x, y, z] = await Promise.all([
    fetchArray(data.x, Float32Array),
    fetchArray(data.y, Float32Array),
    data.z ? fetchArray(data.z, Float32Array) : null,
  ]);
  return { x, y, z };
}

/**
 * What the points are coloured by.
 * @param {Color} color
 * @returns {Promise<Values>}
 */
export const fetchValues = ({ kind, url }) =>
  kind === "number" ? fetchArray(url, Float32Array) : fetchArray(url, Uint16Array);

/**
 * A set of rows: small ones come with the data, large ones by URL.
 * @param {RowSet | null} set
 * @returns {Promise<Uint8Array | null>}
 */
export async function fetchBits(set) {
  if (!set) return null;
  return "url" in set ? fetchArray(set.url, Uint8Array) : fromBase64(set.bits);
}
