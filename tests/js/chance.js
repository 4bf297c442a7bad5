/** Numbers by chance that are the same in every run; a test names its seed when it fails. */

/** @typedef {ReturnType<typeof chance>} Random */

/** @param {number} seed */
export function chance(seed) {
  let state = seed * 2654435761 + 1;
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /**
     * From low up to high.
     * @param {number} low
     * @param {number} high
     */
    between: (low, high) => low + number() * (high - low),
    /**
     * A whole number from 0 to end - 1.
     * @param {number} end
     */
    below: (end) => Math.floor(number() * end),
    yes: (share = 0.5) => number() < share,
  };
}

export const SEEDS = Array.from({ length: 20 }, (_, at) => at);

/**
 * Rows of n that chance has put into a set.
 * @param {Random} random
 * @param {number} n
 */
export function rowsByChance(random, n) {
  const share = random.between(0, 1);
  return Array.from({ length: n }, (_, row) => row).filter(() => random.yes(share));
}

/**
 * Points of several sorts: everywhere, in a few crowds, on a line, many at one place.
 * @type {Record<string, (random: Random) => [x: number, y: number]>}
 */
export const CLOUDS = {
  everywhere: (random) => [random.between(-5, 5), random.between(-2, 2)],
  crowded: (random) => [random.below(4) + random.between(0, 0.01), random.between(0, 0.01)],
  "on a line": (random) => [random.between(-1, 1), 3],
  "at few places": (random) => [random.below(5), random.below(5)],
};

/**
 * @param {Random} random
 * @param {number} n
 * @param {string} sort one of CLOUDS
 */
export function cloud(random, n, sort) {
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  for (let row = 0; row < n; row++) [x[row], y[row]] = CLOUDS[sort](random);
  return { x, y };
}
