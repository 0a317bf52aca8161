import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CheckerProcesses } from './checker-processes.ts';

const request = (text: string) => ({
  files: new Map([['main.wdl', text]]),
  main: 'main.wdl',
  lenient: false,
});
const GOOD = 'version 1.0\nworkflow Greet { input { String name } output { String told = name } }\n';

describe('processes that check definitions', () => {
  test('tell inputs and faults, many at once and one after the other', async () => {
    const processes = new CheckerProcesses();
    const answers = await Promise.all(
      [GOOD, 'version 1.0\nworkflow {', GOOD].map((text) => processes.check(request(text))),
    );
    assert.deepEqual(answers[0], answers[2]);
    assert.deepEqual(
      answers[0]!.inputs.map(({ name, optional }) => [name, optional]),
      [['name', false]],
    );
    assert.equal(answers[1]!.diagnostics[0]!.severity, 'error');
    assert.deepEqual(await processes.check(request(GOOD)), answers[0]);
  });

  test('are ended where a definition takes too long, and the next one is checked all the same', async () => {
    const hurried = new CheckerProcesses(1);
    await assert.rejects(hurried.check(request(GOOD)), /it takes longer than 0.001 seconds/);
    const processes = new CheckerProcesses();
    assert.equal((await processes.check(request(GOOD))).diagnostics.length, 0);
  });
});
