import { ListReadSetsCommand, ListSequenceStoresCommand } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import { FIXTURE, unpackFixture } from './walls-fixture.ts';
import { helicase, query, readReads } from './walls-story.ts';

describe('a data directory of layout 1, as a server of that time left it', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-layout-'));
  const data = join(folder, 'data');
  unpackFixture(data);
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('is clean, every byte of it', async () => {
    const checked = await helicase(['fsck', '--deep', '--data', data]);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.match(checked.stdout, /clean: [1-9]\d* blobs/);
  });

  test('opens: its read set reads, its table answers', async () => {
    const server = await startServer(data);
    try {
      const clients = awsClients(server.url, readCredentials(data)!);
      const { sequenceStores } = await clients.omics.send(new ListSequenceStoresCommand({}));
      const sequenceStoreId = sequenceStores![0]!.id!;
      const { readSets } = await clients.omics.send(new ListReadSetsCommand({ sequenceStoreId }));
      assert.deepEqual(
        readSets!.map(({ name }) => name),
        [FIXTURE.readSet],
      );
      const bytes = await readReads(clients, { sequenceStoreId }, readSets![0]!.id!);
      assert.equal(gunzipSync(bytes).toString(), FIXTURE.fastq);
      const sql = `SELECT start + 1, referenceallele FROM ${FIXTURE.variantStore} ORDER BY start`;
      assert.deepEqual(
        await query(clients, sql),
        FIXTURE.vcf
          .split('\n')
          .filter((line) => line.startsWith('walls'))
          .map((line) => [line.split('\t')[1], line.split('\t')[3]]),
      );
    } finally {
      await server.stop();
    }
  });

  test('of a newer layout is refused with what to do, and left as it is', async () => {
    const newer = join(folder, 'newer-layout');
    unpackFixture(newer);
    writeFileSync(join(newer, 'layout.json'), '{"layout":99}');
    const before = readFileSync(join(newer, 'helicase.sqlite'));
    const served = await helicase(['serve', '--data', newer, '--port', '0']);
    assert.equal(served.status, 2);
    assert.match(served.stderr, /newer Helicase \(layout 99.*Start that version or a later one/);
    assert.ok(readFileSync(join(newer, 'helicase.sqlite')).equals(before));
  });

  test('with a database of a newer version is refused with what to do', async () => {
    const newer = join(folder, 'newer-database');
    unpackFixture(newer);
    const database = new DatabaseSync(join(newer, 'helicase.sqlite'));
    database.exec("update helicase_schema set value = '99' where name = 'version'");
    database.close();
    const served = await helicase(['serve', '--data', newer, '--port', '0']);
    assert.notEqual(served.status, 0);
    assert.match(served.stderr, /schema version 99/);
    assert.match(served.stderr, /newer/);
  });

  test('without its root key is refused: a new key could open nothing', async () => {
    const keyless = join(folder, 'keyless');
    unpackFixture(keyless);
    rmSync(join(keyless, 'keys', 'root.key'));
    const served = await helicase(['serve', '--data', keyless, '--port', '0']);
    assert.notEqual(served.status, 0);
    assert.match(served.stderr, /no root key.*Put the original file back/);
  });
});
