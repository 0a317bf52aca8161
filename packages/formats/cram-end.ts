import { Writable } from 'node:stream';

/** The containers that end a CRAM file (CRAM specification 9), version 3 and version 2.1; a cut file lacks them. */
const ENDS = [
  '0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b',
  '0b000000ffffffff0fe0454f460000000001000001000606010001000100',
].map((hex) => Buffer.from(hex, 'hex'));
const TAIL = Math.max(...ENDS.map((end) => end.length));

export interface EndWatch {
  /** Write the file here; the bytes go on to the reader. */
  readonly input: Writable;
  /** Once everything was written: does the file end as a CRAM file must? */
  ended(): boolean;
}

/** Watches a CRAM file's last bytes go by: htslib can only look for the end of a file that it can seek in. */
export function watchCramEnd(reader: Writable): EndWatch {
  let tail = Buffer.alloc(0);
  const input = new Writable({
    write(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk.subarray(-TAIL)]).subarray(-TAIL);
      reader.write(chunk, done);
    },
    final: (done) => void reader.end(() => done()),
  });
  reader.on('close', () => input.destroy());
  input.on('error', () => {});
  return { input, ended: () => ENDS.some((end) => tail.subarray(-end.length).equals(end)) };
}
