/** How far a percentile may be from the value that stands there: one hundredth of it. */
const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
/** Smaller values count as zero. */
const SMALLEST = 1e-9;
/** Up to so many values are kept as they are, and give percentiles exactly. */
const EXACT = 1000;

/**
 * Many values in little space, for percentiles: logarithmic buckets with a relative error (C. Masson, J. Rim, H. Lee,
 * "DDSketch", VLDB 2019). Two sketches put together are the sketch of all their values.
 */
export class Sketch {
  #count = 0;
  #exact: number[] | undefined = [];
  /** Values counted by bucket: the sign, then the logarithm. */
  readonly #buckets = new Map<number, number>();

  add(value: number, count = 1): void {
    this.#count += count;
    if (this.#exact && this.#exact.length + count <= EXACT) {
      for (let added = 0; added < count; added += 1) this.#exact.push(value);
      return;
    }
    for (const kept of this.#exact ?? []) this.#toBucket(kept, 1);
    this.#exact = undefined;
    this.#toBucket(value, count);
  }

  /** The value below which the share lies, by linear interpolation while values are kept as they are. */
  percentile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    if (this.#exact)
      return interpolated(
        this.#exact.toSorted((a, b) => a - b),
        share,
      );
    return bucketPercentile(this.#buckets, share);
  }

  #toBucket(value: number, count: number): void {
    const bucket = bucketOf(value);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }
}

/** The value that stands at the share, as near as buckets know it; undefined where there is none. */
export function bucketPercentile(buckets: ReadonlyMap<number, number>, share: number): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => valueOf(a) - valueOf(b));
  const rank = share * (sorted.reduce((sum, [, count]) => sum + count, 0) - 1);
  let passed = 0;
  for (const [bucket, count] of sorted) {
    passed += count;
    if (passed > rank) return valueOf(bucket);
  }
  return undefined;
}

/** Apart by more than any logarithm of a number: buckets of positive values lie above it, of negative ones below its negative. */
const OFFSET = 100_000;

/** The bucket of a value; 0 for zero. */
export function bucketOf(value: number): number {
  const size = Math.abs(value);
  if (size < SMALLEST) return 0;
  const logarithm = Math.ceil(Math.log(size) / Math.log(GAMMA));
  return value > 0 ? OFFSET + logarithm : -OFFSET - logarithm;
}

/** What stands for every value of a bucket. */
function valueOf(bucket: number): number {
  if (bucket === 0) return 0;
  const middle = (logarithm: number) => (2 * GAMMA ** logarithm) / (GAMMA + 1);
  return bucket > 0 ? middle(bucket - OFFSET) : -middle(-bucket - OFFSET);
}

function interpolated(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return low + (high - low) * (place - below);
}
