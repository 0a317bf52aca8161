import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { TaskDoc } from './model.ts';
import { OUTCOME_RECORD, recordedOutcome } from './recorded-outcome.ts';

/** A row as the first servers wrote it, before outcomes had a version. */
const first = JSON.parse(
  readFileSync(new URL('fixtures/task-of-the-first-form.json', import.meta.url), 'utf8'),
) as TaskDoc;

describe('a recorded outcome', () => {
  test('of the first form is read', () => {
    const { outcome, unreadable } = recordedOutcome(first);
    assert.equal(unreadable, undefined);
    assert.equal(outcome?.status, 'exited');
    assert.equal(outcome.exitCode, 0);
    assert.equal(outcome.finishedAt, 1763900005250);
  });

  test('of a newer form is not believed, and the reason is told', () => {
    const { outcome, unreadable } = recordedOutcome({ ...first, outcomeVersion: OUTCOME_RECORD + 1 });
    assert.equal(outcome, undefined);
    assert.match(unreadable!, /form 2; this server reads up to 1/);
  });

  test('that lacks what the engine needs is not believed', () => {
    const { stdoutPath: _, ...rest } = first.outcome!;
    const { outcome, unreadable } = recordedOutcome({ ...first, outcome: rest as never });
    assert.equal(outcome, undefined);
    assert.match(unreadable!, /lacks/);
  });

  test('that is not there is nothing to speak of', () => {
    const { outcome: _, ...unfinished } = first;
    assert.deepEqual(recordedOutcome(unfinished), {});
  });
});
