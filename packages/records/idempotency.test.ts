import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { ServiceError } from '@helicase/kernel';
import { tables } from './index.ts';
import type { CoreTables } from './schema/tables.ts';
import { EAST, SCOPES } from './testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`idempotency tokens on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let last = 0;
    let token = '';
    before(async () => {
      opened = await openTestRecords({ dialect, timing: { housekeeping: 20 } });
    });
    beforeEach(() => {
      token = `token-${++last}`;
    });
    after(() => opened.close());

    const recall = (fingerprint = 'same', scope = EAST, operation = 'StartRun') =>
      opened.records.idempotency.recall(scope, operation, token, fingerprint);
    const remember = (output: unknown) =>
      opened.records.idempotency.remember(EAST, 'StartRun', token, 'same', output);

    test('a repetition gets the first answer', async () => {
      assert.equal(await recall(), undefined);
      await remember({ id: '123', tags: { a: 'b' } });
      assert.deepEqual(await recall(), { id: '123', tags: { a: 'b' } });
    });

    test('an answer kept in a transaction is there exactly if that committed', async () => {
      const { records } = opened;
      const keep = (output: object, fault?: Error) =>
        records.transaction(async (tx) => {
          await records.idempotency.remember(EAST, 'StartRun', token, 'same', output, tx);
          if (fault) throw fault;
        });
      assert.equal(await recall(), undefined);
      await assert.rejects(keep({ id: '1' }, new Error('rolled back')), /rolled back/);
      await records.idempotency.abandon(EAST, 'StartRun', token);
      assert.equal(await recall(), undefined);
      await keep({ id: '2' });
      await records.idempotency.abandon(EAST, 'StartRun', token); // an answer that was kept is not abandoned
      assert.deepEqual(await recall(), { id: '2' });
    });

    test('a token is one per account, region and operation', async () => {
      for (const scope of SCOPES) assert.equal(await recall('same', scope), undefined);
      assert.equal(await recall('same', EAST, 'CreateWorkflow'), undefined);
    });

    test('the same token with another request is a conflict, answered or not', async () => {
      const conflict = (error: unknown) =>
        error instanceof ServiceError && error.code === 'ConflictException' && error.message.includes(token);
      await recall();
      await assert.rejects(recall('another'), conflict);
      await remember({});
      await assert.rejects(recall('another'), conflict);
    });

    test('repetitions wait while the first is being answered', async () => {
      assert.equal(await recall(), undefined);
      const repetitions = [recall(), recall(), recall()];
      const early = await Promise.race([
        ...repetitions,
        new Promise((resolve) => setTimeout(resolve, 40, 'none')),
      ]);
      assert.equal(early, 'none');
      await remember({ id: '1' });
      assert.deepEqual(await Promise.all(repetitions), [{ id: '1' }, { id: '1' }, { id: '1' }]);
    });

    test('of many at once one is the first', async () => {
      const answers = Promise.all(
        Array.from({ length: 12 }, async () => {
          const answer = await recall();
          if (answer !== undefined) return 'repeated';
          await remember({ id: 'only' });
          return 'first';
        }),
      );
      assert.equal((await answers).filter((answer) => answer === 'first').length, 1);
    });

    test('a failed request makes room for its repetition', async () => {
      await recall();
      const repetition = recall();
      await opened.records.idempotency.abandon(EAST, 'StartRun', token);
      assert.equal(await repetition, undefined);
    });

    test('a request whose process died makes room for its repetition', async () => {
      await recall();
      await set({ instance: 'died' });
      assert.equal(await recall(), undefined);
    });

    test('an answer is not abandoned, and is forgotten after a day', async () => {
      await recall();
      await remember({ id: '1' });
      await opened.records.idempotency.abandon(EAST, 'StartRun', token);
      assert.deepEqual(await recall(), { id: '1' });
      await set({ created_at: Date.now() - 24 * 60 * 60 * 1000 - 1 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(await recall(), undefined);
    });

    async function set(values: { instance?: string; created_at?: number }): Promise<void> {
      await tables<CoreTables>(opened.records.direct)
        .updateTable('idempotency')
        .set(values)
        .where('token', '=', token)
        .execute();
    }
  });
}
