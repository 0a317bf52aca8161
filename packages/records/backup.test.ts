import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { type Books, declareBooks, EAST } from './testing/example.ts';
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

  const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');
  test('of PostgreSQL is left to its own tools', { skip: postgres?.skip }, async () => {
    const { records, close } = await openTestRecords({ dialect: 'postgres' });
    await assert.rejects(records.backup(join(folder, 'never')), /pg_dump/);
    await close();
  });
});
