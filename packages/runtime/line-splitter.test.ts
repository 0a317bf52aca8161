import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineSplitter, LONGEST_LINE_BYTES } from './line-splitter.ts';

function split(...chunks: (string | Buffer)[]): string[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  return [...lines, ...splitter.end()];
}

describe('splitting output into lines', () => {
  test('a line that comes in pieces is one line, empty lines count, a carriage return does not', () => {
    assert.deepEqual(split('a', 'b\nc', '\n\nd\r\n', 'e'), ['ab', 'c', '', 'd', 'e']);
  });

  test('nothing is told of a line before its newline', () => {
    assert.deepEqual(new LineSplitter().push(Buffer.from('half')), []);
  });

  test('a character cut between two chunks stays whole', () => {
    const bytes = Buffer.from('chrΩ🧬\n');
    for (let at = 1; at < bytes.length; at++) {
      assert.deepEqual(split(bytes.subarray(0, at), bytes.subarray(at)), ['chrΩ🧬']);
    }
  });

  test('a huge line becomes pieces of at most 256 KiB that cut no character', () => {
    const text = 'é'.repeat(LONGEST_LINE_BYTES) + 'end';
    const pieces = split(`x${text}\nnext\n`);
    assert.equal(pieces.slice(0, -1).join(''), `x${text}`);
    assert.equal(pieces.at(-1), 'next');
    assert.ok(pieces.every((piece) => Buffer.byteLength(piece) <= LONGEST_LINE_BYTES));
    assert.ok(pieces.every((piece) => !piece.includes('\ufffd')));
  });

  test('a line without an end is told in pieces while it grows', () => {
    const splitter = new LineSplitter();
    const told = splitter.push(Buffer.alloc(LONGEST_LINE_BYTES + 10, 'A'));
    assert.deepEqual(
      told.map((piece) => piece.length),
      [LONGEST_LINE_BYTES],
    );
    assert.deepEqual(splitter.push(Buffer.from('B\n')), [`${'A'.repeat(10)}B`]);
  });

  test('binary output breaks nothing', () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0xfe, 0x0a, 0x80, 0x00, 0x0a]);
    assert.deepEqual(split(bytes), ['\x1f\ufffd\ufffd\ufffd', '\ufffd\0']);
    const noise = Buffer.alloc(3 * LONGEST_LINE_BYTES, 0x80);
    assert.equal(split(noise).join('').length, noise.length);
  });
});
