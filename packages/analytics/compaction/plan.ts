import type { TableFile } from '../table/file-rows.ts';
import { FULL } from '../table/file-series.ts';
import { MOST_CONTIGS } from '../table/ranges.ts';

/** A file below this is merged with others. */
const SMALL = 32 * 1024 * 1024;
/** Fewer small files of a kind are left alone: a query opens them in little time. */
const FEWEST = 8;

/**
 * The live files that are to become one, the oldest first; undefined where none need to. The smallest are taken, and of
 * larger ones those that all smaller ones together outweigh. So a row is written anew only when its file at least
 * doubles, and however many files a job brings, a handful of new ones and one merged file of each size are left.
 */
export function filesToMerge(files: readonly TableFile[]): readonly TableFile[] | undefined {
  const small = files.filter(({ blob, removed }) => removed === undefined && blob.size < SMALL);
  for (const [, alike] of Map.groupBy(small, ({ kind }) => kind)) {
    const worth = smallest(alike);
    if (worth.length < FEWEST) continue;
    return upTo(
      FULL,
      worth.sort((a, b) => a.added - b.added || a.part - b.part),
    );
  }
  return undefined;
}

/** As many of the smallest as outweigh the largest of them. */
function smallest(files: readonly TableFile[]): TableFile[] {
  const bySize = [...files].sort((a, b) => a.blob.size - b.blob.size);
  let sum = 0;
  const isOutweighed = bySize.map(({ blob }) => {
    const before = sum;
    sum += blob.size;
    return blob.size <= before;
  });
  return bySize.slice(0, isOutweighed.lastIndexOf(true) + 1);
}

function upTo(bytes: number, files: readonly TableFile[]): readonly TableFile[] {
  let sum = 0;
  const end = files.findIndex(({ blob }) => (sum += blob.size) > bytes);
  return end < 0 ? files : files.slice(0, Math.max(2, end));
}

/** What all of them cover; nothing where it is not known of one, or too much to be kept. */
export function rangesOf(files: readonly TableFile[]): TableFile['ranges'] {
  const all = new Map<string, readonly [number, number]>();
  for (const { ranges } of files) {
    if (Object.keys(ranges).length === 0) return {};
    for (const [contig, [start, end]] of Object.entries(ranges)) {
      const known = all.get(contig);
      all.set(contig, known ? [Math.min(known[0], start), Math.max(known[1], end)] : [start, end]);
    }
  }
  return all.size > MOST_CONTIGS ? {} : Object.fromEntries(all);
}

const BYTES_PER_GROUP = 6 * 1024 * 1024;
/** A group is held in memory while it is written: no more rows than DuckDB's own groups have, however few their bytes. */
const [FEWEST_ROWS, MOST_ROWS] = [2048, 122_880];

/** Row groups of about the size that imports make: who reads a region reads one of many. */
export function rowsPerGroup(files: readonly TableFile[]): number {
  const [rows, bytes] = files.reduce(([r, b], file) => [r + file.rows, b + file.blob.size], [0, 0]);
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.round((rows * BYTES_PER_GROUP) / bytes)));
}
