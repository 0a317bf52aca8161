import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

/** The examples of the reference of operators that tell most; all of them: conformance/nextflow. */
const EXAMPLES: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'groupTuple with a group key emits as soon as a group is whole': [
    "channel.of([groupKey('a', 2), 1], [groupKey('b', 1), 2], [groupKey('a', 2), 3]).groupTuple().view()",
    ['[b, [2]]', '[a, [1, 3]]'],
  ],
  'join with remainder': [
    "channel.of(['X', 1], ['Y', 2]).join(channel.of(['Y', 5], ['Q', 8]), remainder: true).view()",
    ['[Y, 2, 5]', '[X, 1, null]', '[Q, null, 8]'],
  ],
  'combine by key': [
    "channel.of([1, 'alpha'], [2, 'beta']).combine(channel.of([1, 'x'], [1, 'y']), by: 0).view()",
    ['[1, alpha, x]', '[1, alpha, y]'],
  ],
  'branch takes the first condition that holds': [
    'channel.of(1, 20).branch { v -> small: v < 10\n big: true\n return v * 2 }.set { r }\nr.big.view()',
    ['40'],
  ],
  'collate with a step': ['channel.of(1, 2, 3, 4).collate(3, 1, false).view()', ['[1, 2, 3]', '[2, 3, 4]']],
  'transpose with remainder': [
    "channel.of([1, ['A', 'B']], [2, ['C']]).transpose().view()",
    ['[1, A]', '[1, B]', '[2, C]'],
  ],
  'splitCsv with a header and quotes': [
    'channel.of(\'id,name\\n1,"a,b"\\n\').splitCsv(header: true).view { row -> row.name }',
    ['a,b'],
  ],
  'toSortedList, max, sum and count': [
    'c = channel.of(3, 1, 2)\nc.toSortedList().view()\nc.max().view()\nc.sum().view()\nc.count().view()',
    ['[1, 2, 3]', '3', '6', '3'],
  ],
  'join with items that are maps alone: a map is the key': [
    "a = channel.of([[id: 1], 'x'])\nb = channel.of([id: 1])\na.join(b).view()",
    ['[[id:1], x]'],
  ],
  'a group key does what its target does': [
    "k = groupKey([id: 1], 2)\nchannel.of(k + [n: 2], k.subMap(['id'])).view()",
    ['[id:1, n:2]', '[id:1]'],
  ],
  'ifEmpty gives its value': ["channel.empty().ifEmpty('nothing').view()", ['nothing']],
  'a pipe of operators': ['channel.of(1, 2) | map { v -> v + 1 } | collect | view', ['[2, 3]']],
};

describe('operators', () => {
  for (const [name, [script, expected]] of Object.entries(EXAMPLES)) {
    test(name, async () => {
      const { end, lines } = await runScript(`workflow {\n${script}\n}`);
      assert.equal(end.report, undefined);
      assert.deepEqual(lines, expected);
    });
  }
});
