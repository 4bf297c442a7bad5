/** Fetches what Python points to: raw little-endian arrays, one value per row. */

import { fromBase64 } from "./bits.js";

/** @param {typeof Float32Array|typeof Uint16Array|typeof Int32Array|typeof Uint8Array} ArrayType */
export async function fetchArray(url, ArrayType) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) {
    throw new Error(
      response ? `the server answered ${response.status}` : "the server did not answer",
    );
  }
  return new ArrayType(await response.arrayBuffer());
}

/** A set of rows: small ones come with the data, large ones by URL. */
export async function fetchBits(set) {
  if (!set) return null;
  return set.url ? fetchArray(set.url, Uint8Array) : fromBase64(set.bits);
}
