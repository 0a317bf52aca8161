import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { textChunks } from './text-chunks.ts';

test('a chunk’s memory may be given to a thread, also where the text so far ends with a line', async () => {
  // Longer than what Node keeps in a pool: such memory can be given away.
  const [first, second] = ['a'.repeat(100_000), 'b'.repeat(100_000)];
  const source = Readable.from([Buffer.from(`${first}\n`), Buffer.from(`${second}\nthi`), Buffer.from('rd')]);
  const found: (readonly [number, string])[] = [];
  let given = 0;
  for await (const { bytes, firstLine } of textChunks(source, 10)) {
    found.push([firstLine, bytes.toString()]);
    if (bytes.byteLength !== bytes.buffer.byteLength) continue;
    structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] });
    given++;
  }
  assert.deepEqual(found, [
    [1, `${first}\n`],
    [2, `${second}\n`],
    [3, 'third'],
  ]);
  assert.ok(given > 0);
});
