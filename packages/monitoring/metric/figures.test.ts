import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from 'node:test';
import type { GetMetricStatisticsOutput } from '@aws-sdk/client-cloudwatch';
import { silentLog, systemClock } from '@helicase/kernel';
import { dialectsUnderTest, type ResourceTable, type Transaction } from '@helicase/records';
import { openTestMonitoring } from '../testing.ts';
import { bytesStored, queueFigures, type StoredBytes } from './figures.ts';
import { MetricStore } from './metric-store.ts';
import { countStatusChanges } from './status-changes.ts';

type Status = 'PENDING' | 'RUNNING' | 'COMPLETED';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`figures of runs, jobs and storage on ${dialect}`, { skip, timeout: 60_000 }, () => {
    const scope = { account: '111122223333', region: 'us-east-1' };

    it('count each change of status once, however many servers count', async (t) => {
      let runs: ResourceTable<object, Status, never, Transaction>;
      const room = await openTestMonitoring(dialect, {
        declare: (records) =>
          (runs = records.resource<object, Status>({
            kind: 'run',
            machine: { PENDING: { RUNNING: 'a' }, RUNNING: { COMPLETED: 'b' }, COMPLETED: {} },
          })),
      });
      t.after(() => room.close());
      const { records } = room;
      for (let id = 0; id < 30; id += 1) {
        await runs!.insert(records.direct, { scope, id: `${id}`, status: 'PENDING', doc: {} });
        await runs!.transition(records.direct, scope, `${id}`, 'RUNNING');
        if (id < 10) await runs!.transition(records.direct, scope, `${id}`, 'COMPLETED');
      }
      const metrics = new MetricStore(records);
      const figures = { records, metrics, stored: none, clock: systemClock, log: silentLog };
      await Promise.all([1, 2, 3].map(() => countStatusChanges(figures)));
      const sum = async (Status: string) => {
        const { Datapoints } = await room.call<GetMetricStatisticsOutput>('GetMetricStatistics', {
          ...{ Namespace: 'Helicase', MetricName: 'StatusChanges', Period: 86_400, Statistics: ['Sum'] },
          ...{ StartTime: new Date(Date.now() - 86_400_000), EndTime: new Date(Date.now() + 86_400_000) },
          Dimensions: [
            { Name: 'Kind', Value: 'Run' },
            { Name: 'Status', Value: Status },
          ],
        });
        return Datapoints!.reduce((all, { Sum }) => all + Sum!, 0);
      };
      assert.deepEqual(await Promise.all(['PENDING', 'RUNNING', 'COMPLETED'].map(sum)), [30, 30, 10]);
    });

    it('tell how many jobs wait and run', async (t) => {
      const room = await openTestMonitoring(dialect);
      t.after(() => room.close());
      const { records } = room;
      records.jobs.register({
        ...{ kind: 'slow', concurrency: 1, exhausted: async () => {} },
        run: ({ signal }) => delay(60_000, undefined, { signal }).catch(() => {}),
      });
      const principal = room.context.principal;
      for (const subject of ['a', 'b', 'c'])
        await records.transaction((tx) =>
          records.jobs.enqueue(tx, { actor: { scope, principal }, kind: 'slow', subject, input: {} }),
        );
      const metrics = new MetricStore(records);
      const figures = { records, metrics, stored: none, clock: systemClock, log: silentLog };
      const told = async () =>
        (await queueFigures(figures))
          .filter(({ dimensions }) => dimensions['Kind'] === 'slow')
          .map(({ name, sum }) => `${name} ${sum}`)
          .sort();
      for (const expected = 'JobsRunning 1,JobsWaiting 2'; (await told()).join() !== expected;)
        await delay(20);
    });

    it('add up what is stored by account and kind', async (t) => {
      const other = { account: '444455556666', region: 'us-east-1' };
      const stored = async function* (): AsyncGenerator<StoredBytes> {
        yield { scope, kind: 'ReadSet', bytes: 100 };
        yield { scope: other, kind: 'ReadSet', bytes: 7 };
        yield { scope, kind: 'ReadSet', bytes: 23 };
        yield { scope, kind: 'Reference', bytes: 5 };
      };
      const room = await openTestMonitoring(dialect);
      t.after(() => room.close());
      const { records } = room;
      const metrics = new MetricStore(records);
      const figures = { records, metrics, stored, clock: systemClock, log: silentLog };
      const sums = (await bytesStored(figures)).map(
        ({ dimensions, name, scope: { account }, sum }) => `${account} ${name} ${dimensions['Kind']} ${sum}`,
      );
      assert.deepEqual(sums, [
        '111122223333 StoredBytes ReadSet 123',
        '111122223333 StoredFiles ReadSet 2',
        '444455556666 StoredBytes ReadSet 7',
        '444455556666 StoredFiles ReadSet 1',
        '111122223333 StoredBytes Reference 5',
        '111122223333 StoredFiles Reference 1',
      ]);
    });
  });
}

const none = async function* (): AsyncGenerator<StoredBytes> {};
