import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { type Books, declareBooks, EAST } from './testing/example.ts';
import { openTestRecords } from './testing.ts';

const WRITER = fileURLToPath(new URL('./testing/children/writer.ts', import.meta.url));
const KILLS = 6;

describe('an SQLite database whose process is killed while it writes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-durability-'));
  const file = join(folder, 'records.sqlite');
  after(() => rmSync(folder, { recursive: true, force: true }));

  test(`after each of ${KILLS} kills everything acknowledged is there, and nothing half`, async () => {
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      acknowledged.push(...(await writeUntilKilled(file, `kill-${kill}`, 20 + kill * 35)));
      await check(file, acknowledged);
    }
    assert.ok(acknowledged.length > KILLS, 'the writers wrote');
  });
});

async function writeUntilKilled(file: string, prefix: string, delay: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, file, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // The time starts with the first write, so that every kill is in the middle of some.
    if (output === '') setTimeout(() => child.kill('SIGKILL'), delay);
    output += text;
  });
  const signal = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', (_code, by) => resolve(by)),
  );
  assert.equal(signal, 'SIGKILL');
  return output.split('\n').slice(0, -1);
}

async function check(file: string, acknowledged: readonly string[]): Promise<void> {
  let books: Books | undefined;
  const { records, close } = await openTestRecords({
    dialect: 'sqlite',
    database: { kind: 'sqlite', file },
    declare: (declared) => (books = declareBooks(declared)),
  });
  const integrity = await sql<{ integrity_check: string }>`select * from pragma_integrity_check`.execute(
    records.direct.sql,
  );
  assert.deepEqual(
    integrity.rows.map((row) => row.integrity_check),
    ['ok'],
  );
  const { rows } = await books!.list(records.direct, EAST, { limit: 1_000_000 });
  const events = Map.groupBy(await records.events(0, 1_000_000), ({ id }) => id);
  const found = new Set(rows.map(({ id }) => id));
  for (const id of acknowledged) {
    assert.ok(found.has(id), `${id} was acknowledged and is gone`);
    assert.equal(await records.blobs.state(id), 'writing');
  }
  assert.equal(events.size, rows.length, 'no event without its row');
  for (const row of rows) {
    assert.equal(row.status, 'PRINTED', 'no half of a transaction');
    assert.deepEqual(
      events.get(row.id)?.map(({ type }) => type),
      ['created', 'transition'],
    );
  }
  await close();
}
