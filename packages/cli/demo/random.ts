/** A small seeded generator (mulberry32), so that the demo's genome and reads are the same on every machine. */
export interface SeededRandom {
  /** In [0, 1). */
  next(): number;
  /** Whole, in [0, bound). */
  below(bound: number): number;
  /** Around `mean`, by the sum of twelve uniforms. */
  normal(mean: number, deviation: number): number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    normal: (mean, deviation) => {
      let sum = 0;
      for (let draw = 0; draw < 12; draw++) sum += next();
      return mean + (sum - 6) * deviation;
    },
  };
}
