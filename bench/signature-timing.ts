/**
 * Whether the time of a signature check tells how much of a wrong signature is right: medians of checks of signatures
 * that are wrong from the first digit on, in the last one only, and of the right one, interleaved, with the spread of the
 * same check measured twice. Node's own comparison (`===`) of the same texts stands beside it.
 *
 *   node_modules/.bin/node bench/signature-timing.ts
 */
import { createHmac } from 'node:crypto';
import { sameSignature } from '../packages/wire/signature/verify-v4.ts';

const ROUNDS = 200_000;
const expected = createHmac('sha256', 'key').update('string to sign').digest();
const right = expected.toString('hex');
const flip = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
const sent = {
  'wrong in the first digit': flip(right, 0),
  'wrong in the last digit': flip(right, 63),
  right,
  'right, measured again': `${right}`,
};

function medians(compare: (text: string) => boolean): Readonly<Record<string, number>> {
  const times = Object.fromEntries(Object.keys(sent).map((name) => [name, new Float64Array(ROUNDS)]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, text] of Object.entries(sent)) {
      const start = process.hrtime.bigint();
      compare(text);
      times[name]![round] = Number(process.hrtime.bigint() - start);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, all.sort()[Math.floor(ROUNDS / 2)]!]),
  );
}

medians((text) => sameSignature(expected, text)); // warm
console.log(
  'in constant time, nanoseconds at the median:',
  medians((text) => sameSignature(expected, text)),
);
console.log(
  'with ===, for comparison:',
  medians((text) => text === right),
);
