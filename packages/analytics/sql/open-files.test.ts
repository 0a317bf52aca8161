import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type BlobRef, openTestVault } from '@helicase/blobs';
import { OpenFiles } from './open-files.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const BYTES = Buffer.from('PAR1 rows PAR1');

describe('tables’ files that queries open', () => {
  let opened: Awaited<ReturnType<typeof openTestVault>>;
  let files: OpenFiles;
  let isOff = false;
  before(async () => {
    const gate = async (keyId: string) => {
      if (!keyId.endsWith('/guarded')) return false;
      if (isOff) throw new Error('the key is off');
      return true;
    };
    opened = await openTestVault({ gate });
    files = new OpenFiles(opened.vault);
  });
  after(async () => {
    await files.close();
    await opened.close();
  });

  async function blob(sealedFor: string): Promise<BlobRef> {
    const sink = await opened.vault.create({ scope, sealedFor });
    await sink.write(BYTES);
    return sink.finish();
  }
  /** Reads the file as a query does; answers where it lay. */
  async function query(one: BlobRef): Promise<string> {
    const { paths, release } = await files.open([one]);
    assert.deepEqual(await readFile(paths[0]!), BYTES);
    await release();
    return paths[0]!;
  }

  test('are kept for the next query where no customer’s key guards them', async () => {
    const one = await blob('plain');
    const path = await query(one);
    assert.ok(existsSync(path));
    assert.equal(await query(one), path);
  });

  test('under a customer’s key are gone when the last query is done with them, and ask at every use', async () => {
    const one = await blob('guarded');
    const longer = await files.open([one]);
    const path = await query(one);
    assert.equal(path, longer.paths[0]);
    assert.ok(existsSync(path));
    isOff = true;
    await assert.rejects(query(one), /the key is off/);
    await longer.release();
    assert.ok(!existsSync(path));
    isOff = false;
    await query(one);
  });
});
