import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords, DataTooNew, DataTooOld } from './index.ts';
import { declareBooks, EAST } from './testing/example.ts';

test('who opens beside a server leaves its leases alone, and brings no schema to a database that lacks it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-beside-'));
  const ids = new Ids(systemClock, systemRandom);
  const database = { kind: 'sqlite' as const, file: join(folder, 'records.sqlite') };
  const make = () =>
    createRecords({ database, clock: systemClock, ids, random: systemRandom, log: silentLog });
  const server = make();
  const books = declareBooks(server);
  await server.open();
  const started = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  server.jobs.register({
    kind: 'writing',
    concurrency: 1,
    async run(job) {
      started.resolve();
      await mayCommit.promise;
      const doc = { title: 'written under a lease', pages: 1 };
      await job
        .commit((tx) => books.insert(tx, { scope: EAST, id: '1', status: 'WRITING', doc }))
        .then(
          () => finished.resolve(),
          (error: unknown) => finished.reject(error),
        );
    },
    exhausted: async () => undefined,
  });
  server.jobs.start();
  const actor = { scope: EAST, principal: { ...EAST, kind: 'root', arn: '', id: '' } as const };
  await server.transaction((tx) =>
    server.jobs.enqueue(tx, { actor, kind: 'writing', subject: '1', input: {} }),
  );
  await started.promise;

  const guest = make();
  const seen = declareBooks(guest);
  await guest.openBeside();
  mayCommit.resolve();
  await finished.promise;
  assert.equal((await seen.find(guest.direct, EAST, '1'))?.doc.title, 'written under a lease');
  await guest.close();

  const newer = make();
  newer.migrations([{ name: '9999-12-31-later', up: async () => {} }]);
  await assert.rejects(newer.openBeside(), DataTooOld);
  await newer.close();
  await server.close();

  const upgraded = make();
  upgraded.migrations([{ name: '9999-12-31-later', up: async () => {} }]);
  await upgraded.open();
  const older = make();
  await assert.rejects(older.openBeside(), DataTooNew);
  await older.close();
  await upgraded.close();
  rmSync(folder, { recursive: true });
});
