import { Readable } from 'node:stream';

export type Batches = AsyncGenerator<readonly Buffer[], void, undefined>;

/**
 * A stream of pieces that come several at a time: one turn of the event loop serves them all. It is one of objects, or
 * Node would join the pieces that wait, by copying them.
 */
export function streamBatches(batches: Batches): Readable {
  let asked = false;
  const push = (pieces: readonly Buffer[]) => {
    asked = false;
    const full = pieces.filter(({ length }) => length > 0);
    for (const piece of full) stream.push(piece);
    if (full.length === 0) read();
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
    objectMode: true,
    highWaterMark: 1,
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
