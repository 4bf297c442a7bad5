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

/** The selection after a lasso. `mode` is "replace", "add" or "subtract". */
export function combine(current, change, mode) {
  if (mode === "replace" || !current) return mode === "subtract" ? emptyBits(change.length * 8) : change;
  return change.map((byte, at) => (mode === "add" ? current[at] | byte : current[at] & ~byte));
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
