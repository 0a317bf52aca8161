import { Readable } from 'node:stream';
import { SEGMENT_SIZE } from '../sealing/segments.ts';

export type Batches = AsyncGenerator<readonly Buffer[], void, undefined>;

/** A stream of pieces that come several at a time: one turn of the event loop serves them all. */
export function streamBatches(batches: Batches): Readable {
  let asked = false;
  const push = (pieces: readonly Buffer[]) => {
    asked = false;
    for (const piece of pieces) stream.push(piece);
    if (pieces.every(({ length }) => length === 0)) read();
  };
  const read = () => {
    if (asked) return;
    asked = true;
    batches
      .next()
      .then(({ value, done }) => (done ? stream.push(null) : push(value)))
      .catch((error: Error) => stream.destroy(error));
  };
  const stream = new Readable({
    highWaterMark: SEGMENT_SIZE,
    read,
    destroy: (error, done) => {
      batches.return().then(
        () => done(error),
        (failure: Error) => done(error ?? failure),
      );
    },
  });
  return stream;
}
