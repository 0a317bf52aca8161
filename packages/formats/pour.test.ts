import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { lend } from '@helicase/kernel';
import { watchCramEnd } from './cram-end.ts';
import { pour } from './pour.ts';

const never = new AbortController().signal;
const readsOf = (text: string): Uint8Array => lend(new TextEncoder().encode(text).slice());

/** A reader that says that it is done with a chunk when it is told to. */
class SlowReader extends Writable {
  readonly seen: string[] = [];
  #done: (() => void) | undefined;
  #chunk: Uint8Array | undefined;

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#chunk = chunk;
    this.#done = done;
    this.emit('took');
  }

  read(): void {
    this.seen.push(Buffer.from(this.#chunk!).toString());
    this.#done!();
  }
}

describe('bytes that are poured', () => {
  for (const [through, inputOf] of [
    ['a pass', (reader: Writable) => reader],
    ["the watch of a CRAM file's end", (reader: Writable) => watchCramEnd(reader).input],
  ] as const)
    test(`are given back once ${through} has read them, and not before`, async () => {
      const chunks = ['GATT', 'ACA'].map(readsOf);
      const reader = new SlowReader();
      const lengths: number[][] = [];
      reader.on('took', () =>
        setImmediate(() => {
          lengths.push(chunks.map(({ length }) => length));
          reader.read();
        }),
      );
      assert.equal(await pour(Readable.from(chunks), inputOf(reader), [], never), 7);
      assert.deepEqual(reader.seen, ['GATT', 'ACA']);
      assert.deepEqual(lengths, [
        [4, 3],
        [0, 3],
      ]);
      assert.deepEqual(
        chunks.map(({ length }) => length),
        [0, 0],
      );
    });

  test('are given back once the others have them too', async () => {
    const chunk = readsOf('GATTACA');
    let kept = '';
    const store = {
      async write(bytes: Uint8Array): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 5));
        kept = Buffer.from(bytes).toString();
      },
    };
    const input = new Writable({ write: (_chunk, _encoding, done) => done() });
    await pour(Readable.from([chunk]), input, [store], never);
    assert.equal(kept, 'GATTACA');
    assert.equal(chunk.length, 0);
  });

  test('stay where the pass has closed its input: somebody may still look at them', async () => {
    const chunk = readsOf('GATTACA');
    const input = new Writable({ write: () => input.destroy() });
    assert.equal(await pour(Readable.from([chunk]), input, [], never), 0);
    assert.equal(chunk.length, 7);
  });
});
