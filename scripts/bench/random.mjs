/** A seeded generator of numbers in [0, 1): the same seed gives the same row on every machine (mulberry32). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    /** An integer in [0, below). */
    below: (limit) => Math.floor(next() * limit),
    /** From 1 to max, small ones more often: uniform in the logarithm. */
    logarithmic: (max) => Math.floor(Math.exp(next() * Math.log(max))),
  };
}

/** Shuffles in place. */
export function shuffle(list, random) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
