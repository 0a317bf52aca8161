import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestRun } from '../testing/run-source.ts';

/** Doubled 40 times, one character is a text of a terabyte. */
const doubled = (first: string, double: (name: string) => string) =>
  Array.from({ length: 40 }, (_, index) => `${first.split(' ')[0]} s${index + 1} = ${double(`s${index}`)}`);

for (const [what, body, line, message] of [
  [
    'a text that doubles and doubles',
    ['String s0 = "x"', ...doubled('String x', (name) => `"~{${name}}~{${name}}"`)],
    32,
    /a String has 268435456 at most/,
  ],
  [
    'a sum of texts that doubles and doubles',
    ['String s0 = "x"', ...doubled('String x', (name) => `${name} + ${name}`)],
    32,
    /a String has 268435456 at most/,
  ],
  [
    'an array that doubles and doubles',
    ['Array[Int] s0 = [1]', ...doubled('Array[Int] x', (name) => `flatten([${name}, ${name}])`)],
    27,
    /one has 10000000 at most/,
  ],
  ['a product of arrays', ['Int n = length(cross(range(9999), range(9999)))'], 3, /one has 10000000 at most/],
  [
    'a pattern that never ends',
    ['String s = sub("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$", "")'],
    3,
    /did not come to an end .* within 5 seconds/,
  ],
  ['shards without end', ['scatter (i in range(50001)) { Int k = i }'], 3, /50000 is the most/],
  [
    'a scatter in a scatter in a scatter',
    [
      'scatter (i in range(1000)) {',
      'scatter (j in range(1000)) {',
      'scatter (k in range(1000)) { Int l = k }',
      '}}',
    ],
    4,
    /50000 is the most/,
  ],
] as const) {
  test(`${what} ends the run, with its line`, async () => {
    using run = new TestRun(`version 1.1\nworkflow w {\n${body.join('\n')}\n}`);
    const failure = await run.failure();
    assert.equal(failure.reason, 'WORKFLOW_RUN_FAILED');
    assert.match(failure.message, message);
    assert.equal(failure.source?.line, line);
  });
}
