import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { VcfError } from './vcf-error.ts';

const MAGIC = Buffer.from('BCF\x02');
const KEPT_OUTPUT = 2000;

/** VCF text of VCF text or of BCF2, which htslib's own reader turns into text. */
export async function* textOfVariants(plain: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const iterator = plain[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  const rest = joined(first.value, iterator);
  if (first.value.subarray(0, MAGIC.length).equals(MAGIC)) yield* bcfText(rest);
  else yield* rest;
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function* bcfText(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const child = spawn('bcftools', ['view', '--no-version', '-Ov', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-KEPT_OUTPUT)));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  ended.catch(() => {}); // told below, after what was read
  const fed = pipeline(Readable.from(bytes), child.stdin).catch((error: unknown) => error);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const status = await ended;
    const fault = await fed;
    if (fault instanceof VcfError) throw fault;
    if (status !== 0) throw new VcfError(`the BCF cannot be read: ${lastLine(said)}`);
  } finally {
    child.kill('SIGKILL');
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'bcftools gave no reason';
}
