/** Sets of rows as bits, lowest bit first: what numpy.packbits(..., bitorder="little") writes. */

export const emptyBits = (rows) => new Uint8Array((rows + 7) >> 3);

export const hasBit = (bits, row) => (bits[row >> 3] >> (row & 7)) & 1;

export const setBit = (bits, row) => {
  bits[row >> 3] |= 1 << (row & 7);
};

export function countBits(bits) {
  let total = 0;
  for (let byte of bits) {
    for (; byte; byte &= byte - 1) total++;
  }
  return total;
}

export function bitsOf(rows, row) {
  const bits = emptyBits(rows);
  setBit(bits, row);
  return bits;
}

/** Rows in a set as image ids in a set; `ids` of all rows, ascending. */
export function bitsOfIds(bits, ids) {
  const found = emptyBits((ids.at(-1) ?? -1) + 1);
  ids.forEach((id, row) => {
    if (hasBit(bits, row)) setBit(found, id);
  });
  return found;
}

const COMBINE = {
  replace: (_now, change) => change,
  add: (now, change) => now | change,
  subtract: (now, change) => now & ~change,
  intersect: (now, change) => now & change,
};

/** The selection after a lasso. `mode` is "replace", "add", "subtract" or "intersect". */
export function combine(current, change, mode) {
  return change.map((byte, at) => COMBINE[mode](current?.[at] ?? 0, byte));
}

const CHUNK = 0x8000; // String.fromCharCode takes its bytes as arguments, which are limited

export function toBase64(bits) {
  const parts = [];
  for (let at = 0; at < bits.length; at += CHUNK) {
    parts.push(String.fromCharCode(...bits.subarray(at, at + CHUNK)));
  }
  return btoa(parts.join(""));
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

export function sameBits(one, other) {
  if (!one || !other) return !one && !other;
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
