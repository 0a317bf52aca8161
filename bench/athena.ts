import type { GetQueryExecutionOutput } from '@aws-sdk/client-athena';
import type { TestAnalytics } from '../packages/analytics/testing/room.ts';

/** Milliseconds from StartQueryExecution to the answer SUCCEEDED. */
export async function asked(room: TestAnalytics, sql: string): Promise<number> {
  const begin = performance.now();
  const input = { QueryString: sql, ResultConfiguration: { OutputLocation: 's3://bucket/results/' } };
  const { QueryExecutionId } = await room.call<{ QueryExecutionId: string }>('StartQueryExecution', input);
  for (;;) {
    const { QueryExecution } = await room.call<GetQueryExecutionOutput>('GetQueryExecution', {
      QueryExecutionId,
    });
    const { State, StateChangeReason } = QueryExecution!.Status!;
    if (State === 'SUCCEEDED') return performance.now() - begin;
    if (State !== 'QUEUED' && State !== 'RUNNING') throw new Error(StateChangeReason);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function median(times: number, work: () => Promise<number> | number): Promise<number> {
  const found: number[] = [];
  for (let time = 0; time < times; time++) found.push(await work());
  return found.sort((a, b) => a - b)[times >> 1]!;
}
