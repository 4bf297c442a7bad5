/** Sets of rows as bits, lowest bit first: what numpy.packbits(..., bitorder="little") writes. */

/** @import { Mode } from "./types.js" */

/** @param {number} rows */
export const emptyBits = (rows) => new Uint8Array((rows + 7) >> 3);

/**
 * @param {Uint8Array} bits
 * @param {number} row
 */
export const hasBit = (bits, row) => ((bits[row >> 3] >> (row & 7)) & 1) === 1;

/**
 * @param {Uint8Array} bits
 * @param {number} row
 */
export const setBit = (bits, row) => {
  bits[row >> 3] |= 1 << (row & 7);
};

/** @param {Uint8Array} bits */
export function countBits(bits) {
  let total = 0;
  for (let byte of bits) {
    for (; byte; byte &= byte - 1) total++;
  }
  return total;
}

/**
 * @param {number} rows
 * @param {number} row the one that is in the set
 */
export function bitsOf(rows, row) {
  const bits = emptyBits(rows);
  setBit(bits, row);
  return bits;
}

/**
 * Rows in a set as image ids in a set.
 * @param {Uint8Array} bits
 * @param {Int32Array} ids of all rows, ascending
 */
export function bitsOfIds(bits, ids) {
  const found = emptyBits((ids.at(-1) ?? -1) + 1);
  ids.forEach((id, row) => {
    if (hasBit(bits, row)) setBit(found, id);
  });
  return found;
}

/** @type {Record<Mode, (now: number, change: number) => number>} */
const COMBINE = {
  replace: (_now, change) => change,
  add: (now, change) => now | change,
  subtract: (now, change) => now & ~change,
  intersect: (now, change) => now & change,
};

/**
 * The selection after a lasso.
 * @param {Uint8Array | null} current
 * @param {Uint8Array} change
 * @param {Mode} mode
 */
export function combine(current, change, mode) {
  return change.map((byte, at) => COMBINE[mode](current?.[at] ?? 0, byte));
}

/**
 * @param {Uint8Array | null} one
 * @param {Uint8Array | null} other
 */
export function sameBits(one, other) {
  if (!one || !other) return !one && !other;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
