import { Transform } from 'node:stream';

/** A pass's input whose bytes wait here until they are read: copies, because the writer may give back its own. */
export function copiedInput(highWaterMark?: number): Transform {
  return new Transform({
    ...(highWaterMark === undefined ? {} : { highWaterMark }),
    transform: (chunk: Buffer, _encoding, done) => done(null, Buffer.from(chunk)),
  });
}
