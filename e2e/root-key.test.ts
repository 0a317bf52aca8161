import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateReferenceStoreCommand, GetReferenceStoreCommand } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCredentials } from '@helicase/server';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import { openWorld, type World } from './world.ts';

// The root key of one server under a key of KMS: another server's here, AWS's elsewhere, by the same client.

describe('a root key under a key of KMS', { timeout: 120_000 }, () => {
  let keeper: World;
  before(async () => {
    keeper = await openWorld();
  });
  after(() => keeper.close());

  test('is nowhere on the disk in the clear, and the server starts only while the key lets it', async () => {
    const { accessKeyId, secretAccessKey, region } = keeper.credentials;
    const endpoint = keeper.server.url;
    const kms = new KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const environment = {
      HELICASE_ROOT_KEY_KMS: KeyMetadata!.Arn!,
      AWS_ENDPOINT_URL_KMS: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const data = join(keeper.folder, 'other');
    const start = () => startServer(data, [], { environment });
    const first = await start();
    const stored = readCredentials(data)!;
    const { id } = await awsClients(first.url, stored).omics.send(
      new CreateReferenceStoreCommand({ name: 'kept' }),
    );
    await first.stop();
    assert.equal(existsSync(join(data, 'keys', 'root.key')), false);
    assert.equal(existsSync(join(data, 'keys', 'root.key.wrapped')), true);
    const KeyId = KeyMetadata!.KeyId!;
    await kms.send(new DisableKeyCommand({ KeyId }));
    await assert.rejects(start(), /root key in .* cannot be unwrapped by the KMS key .*is disabled/s);
    await kms.send(new EnableKeyCommand({ KeyId }));
    const again = await start();
    const { name } = await awsClients(again.url, stored).omics.send(new GetReferenceStoreCommand({ id }));
    assert.equal(name, 'kept');
    await again.stop();
    // A backup without it would be one that nobody can read.
    const backup = join(keeper.folder, 'backup');
    const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const ran = spawnSync(process.execPath, [helicase, 'backup', '--to', backup, '--data', data], {
      ...{ encoding: 'utf8' as const, env: { ...process.env, ...environment } },
      timeout: 60_000,
    });
    assert.equal(ran.status, 0, ran.stderr);
    assert.equal(existsSync(join(backup, 'keys', 'root.key.wrapped')), true);
  });
});
