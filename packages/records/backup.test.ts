import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords } from './index.ts';
import { actorIn, type Books, declareBooks, EAST, worker } from './testing/example.ts';
import { dialectsUnderTest, openTestRecords } from './testing.ts';

describe('a backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-backup-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('taken while others write is consistent and opens', async () => {
    let books: Books | undefined;
    const declare = {
      declare: (records: Parameters<typeof declareBooks>[0]) => (books = declareBooks(records)),
    };
    const { records, close } = await openTestRecords({ dialect: 'sqlite', ...declare });
    let writing = true;
    let written = 0;
    const writer = (async () => {
      for (; writing; written++) {
        const id = String(written);
        const doc = { title: id, pages: 1 };
        await books!.insert(records.direct, { scope: EAST, id, status: 'WRITING', doc });
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    while (written < 50) await new Promise((resolve) => setImmediate(resolve));
    const file = join(folder, 'copy.sqlite');
    await records.backup(file);
    writing = false;
    await writer;
    await close();

    const copy = await openTestRecords({ dialect: 'sqlite', database: { kind: 'sqlite', file }, ...declare });
    const count = await books!.count(copy.records.direct, EAST, {});
    assert.ok(count >= 50 && count <= written, `${count} of ${written}`);
    assert.equal((await copy.records.events(0, 1_000_000)).length, count);
    await copy.close();
  });

  test('may be taken by another process, which disturbs nothing of the one that runs', async () => {
    const running = await openTestRecords({ dialect: 'sqlite' });
    assert.ok(running.database.kind === 'sqlite');
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const committed = Promise.withResolvers<string>();
    running.records.jobs.register(
      worker({
        run: async (run) => {
          begun.resolve();
          await gate.promise;
          committed.resolve(await run.commit(async () => 'committed'));
        },
      }),
    );
    running.records.jobs.start();
    await running.records.jobs.enqueue(running.records.direct, {
      actor: actorIn(EAST),
      kind: 'errand',
      subject: '1',
      input: {},
    });
    await begun.promise;
    const other = createRecords({
      database: running.database,
      clock: systemClock,
      ids: new Ids(systemClock, systemRandom),
      random: systemRandom,
      log: silentLog,
    });
    await other.backup(join(folder, 'other.sqlite'));
    await other.close();
    gate.resolve();
    assert.equal(await committed.promise, 'committed');
    await running.close();
  });

  const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');
  test('of PostgreSQL is left to its own tools', { skip: postgres?.skip }, async () => {
    const { records, close } = await openTestRecords({ dialect: 'postgres' });
    await assert.rejects(records.backup(join(folder, 'never')), /pg_dump/);
    await close();
  });
});
