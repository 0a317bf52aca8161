/** Per contig: smallest start and greatest end, so that a region's query can leave files out. */
export type Ranges = Map<string, [number, number]>;

/** A file that touches more contigs than this is told apart by its columns' bounds alone. */
export const MOST_CONTIGS = 1000;

/** Makes the contig's range reach over the place given. */
export function cover(ranges: Ranges, contig: string, start: number, end: number): void {
  const range = ranges.get(contig);
  if (!range) ranges.set(contig, [start, end]);
  else {
    if (start < range[0]) range[0] = start;
    if (end > range[1]) range[1] = end;
  }
}

/** As a file's row keeps them; empty where there are too many to be kept. */
export function keptRanges(ranges: Ranges): Readonly<Record<string, readonly [number, number]>> {
  return ranges.size > MOST_CONTIGS ? {} : Object.fromEntries(ranges);
}
