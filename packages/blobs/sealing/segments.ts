import type { ByteRange } from '../blob.ts';

/** Plain bytes of one segment; the last one of a blob may be shorter. Written in every reference, so it may change. */
export const SEGMENT_SIZE = 256 * 1024;

/** AES-GCM's tag, which follows each segment's bytes. */
export const TAG_SIZE = 16;

export const STORED_SEGMENT_SIZE = SEGMENT_SIZE + TAG_SIZE;

/** An empty blob has one empty segment, so that its emptiness is authenticated too. */
export function segmentCount(plainSize: number, segmentSize: number): number {
  return Math.max(1, Math.ceil(plainSize / segmentSize));
}

/** Bytes that a sealed blob takes in the store. */
export function sealedSize(plainSize: number, segmentSize = SEGMENT_SIZE): number {
  return plainSize + segmentCount(plainSize, segmentSize) * TAG_SIZE;
}

/** The segments that a plain range touches and where they lie in the store. */
export interface SegmentSpan {
  readonly first: number;
  readonly last: number;
  readonly stored: ByteRange;
}

export function spanOf(plainSize: number, segmentSize: number, range: ByteRange): SegmentSpan {
  const first = Math.floor(range.start / segmentSize);
  const last = Math.max(first, Math.floor(range.end / segmentSize));
  const storedSegment = segmentSize + TAG_SIZE;
  const end = Math.min((last + 1) * storedSegment, sealedSize(plainSize, segmentSize)) - 1;
  return { first, last, stored: { start: first * storedSegment, end } };
}

/** Plain bytes of segment `index`. */
export function plainSizeOf(plainSize: number, segmentSize: number, index: number): number {
  return Math.min(segmentSize, plainSize - index * segmentSize);
}
