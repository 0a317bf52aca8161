import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type {
  BatchGetNamedQueryOutput,
  CreateNamedQueryOutput,
  GetQueryExecutionOutput,
  GetQueryRuntimeStatisticsOutput,
  GetWorkGroupOutput,
  ListQueryExecutionsOutput,
  ListWorkGroupsOutput,
} from '@aws-sdk/client-athena';
import { ServiceError } from '@helicase/kernel';
import { TestAnalytics } from '../../testing/room.ts';
import { ask } from '../../testing/story.ts';

function refused(message: RegExp) {
  return (error: unknown) =>
    error instanceof ServiceError && error.status === 400 && message.test(error.message);
}

describe('Work groups, named queries and prepared statements', () => {
  let room: TestAnalytics;
  before(async () => void (room = await TestAnalytics.open()));
  after(() => room.close());

  test('a work group says where results go, and enforces it', async () => {
    const configuration = { ResultConfiguration: { OutputLocation: 's3://bucket/team' } };
    await room.call('CreateWorkGroup', { Name: 'team', Configuration: configuration });
    const { id } = await ask(room, 'SELECT 1', { WorkGroup: 'team' });
    const { QueryExecution: done } = await room.call<GetQueryExecutionOutput>('GetQueryExecution', {
      QueryExecutionId: id,
    });
    assert.equal(done!.ResultConfiguration!.OutputLocation, `s3://bucket/team/${id}.csv`);
    const { QueryExecutionIds } = await room.call<ListQueryExecutionsOutput>('ListQueryExecutions', {
      WorkGroup: 'team',
    });
    assert.deepEqual(QueryExecutionIds, [id]);
    const { WorkGroups } = await room.call<ListWorkGroupsOutput>('ListWorkGroups', {});
    assert.deepEqual(
      WorkGroups!.map(({ Name }) => Name),
      ['primary', 'team'],
    );
    await assert.rejects(room.call('CreateWorkGroup', { Name: 'team' }), refused(/already created/));
  });

  test('a disabled work group runs nothing, and an older engine is refused', async () => {
    await room.call('CreateWorkGroup', { Name: 'closed' });
    await room.call('UpdateWorkGroup', { WorkGroup: 'closed', State: 'DISABLED', Description: 'gone' });
    const { WorkGroup } = await room.call<GetWorkGroupOutput>('GetWorkGroup', { WorkGroup: 'closed' });
    assert.deepEqual([WorkGroup!.State, WorkGroup!.Description], ['DISABLED', 'gone']);
    await assert.rejects(ask(room, 'SELECT 1', { WorkGroup: 'closed' }), refused(/closed is disabled/));
    const old = { EngineVersion: { SelectedEngineVersion: 'Athena engine version 2' } };
    await assert.rejects(
      room.call('CreateWorkGroup', { Name: 'old', Configuration: old }),
      refused(/version 2 is not available/),
    );
    await room.call('DeleteWorkGroup', { WorkGroup: 'closed' });
    await assert.rejects(room.call('GetWorkGroup', { WorkGroup: 'closed' }), refused(/closed is not found/));
    await assert.rejects(
      room.call('DeleteWorkGroup', { WorkGroup: 'primary' }),
      refused(/cannot be deleted/),
    );
  });

  test('named queries are kept, got and deleted', async () => {
    const named = { Name: 'all', Database: 'trio', QueryString: 'SELECT * FROM trio' };
    const { NamedQueryId: id } = await room.call<CreateNamedQueryOutput>('CreateNamedQuery', named);
    await room.call('UpdateNamedQuery', { NamedQueryId: id, Name: 'few', QueryString: 'SELECT 1' });
    const batch = await room.call<BatchGetNamedQueryOutput>('BatchGetNamedQuery', {
      NamedQueryIds: [id, 'none'],
    });
    assert.deepEqual(
      batch.NamedQueries!.map(({ Name, QueryString, Database }) => [Name, QueryString, Database]),
      [['few', 'SELECT 1', 'trio']],
    );
    assert.equal(batch.UnprocessedNamedQueryIds![0]!.NamedQueryId, 'none');
    await room.call('DeleteNamedQuery', { NamedQueryId: id });
    await assert.rejects(room.call('GetNamedQuery', { NamedQueryId: id }), refused(/was not found/));
  });

  test('prepared statements run with their values, by the API and by SQL', async () => {
    await room.call('CreatePreparedStatement', {
      WorkGroup: 'primary',
      StatementName: 'sum',
      QueryStatement: `SELECT ? + 1, '?' || ?`,
    });
    const execute = await ask(room, `EXECUTE sum USING 41, 'it''s, so'`);
    assert.deepEqual(execute.rows[1], ['42', `?it's, so`]);
    const byRequest = await ask(room, 'EXECUTE sum', { ExecutionParameters: ['1', `'x'`] });
    assert.deepEqual(byRequest.rows[1], ['2', '?x']);
    const direct = await ask(room, 'SELECT ? -- what?\n', { ExecutionParameters: [`DATE '2020-01-02'`] });
    assert.deepEqual(direct.rows[1], ['2020-01-02']);
    assert.equal((await ask(room, 'PREPARE twice FROM SELECT ? * 2')).state, 'SUCCEEDED');
    assert.deepEqual((await ask(room, 'EXECUTE twice USING 4')).rows[1], ['8']);
    assert.equal((await ask(room, 'DEALLOCATE PREPARE twice')).state, 'SUCCEEDED');
    await assert.rejects(
      ask(room, 'EXECUTE twice USING 4'),
      (error) => error instanceof ServiceError && /twice was not found/.test(error.message),
    );
  });

  test('a value that is no literal, or too few of them, is refused before anything runs', async () => {
    for (const value of ['1 UNION SELECT 2', `'a' || 'b'`, `'`, 'now()', '(SELECT 1)', ''])
      await assert.rejects(ask(room, 'SELECT ?', { ExecutionParameters: [value] }), refused(/is no literal/));
    await assert.rejects(
      ask(room, 'SELECT ?, ?', { ExecutionParameters: ['1'] }),
      refused(/expected 2 but found 1/),
    );
  });

  test('a finished query tells its time and rows, and leaves its columns beside the result', async () => {
    const { id } = await ask(room, 'SELECT x FROM (VALUES 1, 2, 3) AS t(x)');
    const { QueryRuntimeStatistics: found } = await room.call<GetQueryRuntimeStatisticsOutput>(
      'GetQueryRuntimeStatistics',
      { QueryExecutionId: id },
    );
    assert.equal(found!.Rows!.OutputRows, 3);
    assert.ok(found!.Timeline!.TotalExecutionTimeInMillis! >= found!.Timeline!.EngineExecutionTimeInMillis!);
    const metadata = await readFile(room.objects.path(`s3://bucket/results/${id}.csv.metadata`));
    assert.ok(metadata.includes('integer'));
  });
});
