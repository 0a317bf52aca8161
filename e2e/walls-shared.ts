import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readCredentials } from '@helicase/server';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { postgresPrograms, temporaryDatabase } from '../packages/records/testing/temporary-postgres.ts';

export const withoutPostgres = postgresPrograms() ? false : 'PostgreSQL is not installed';

/** One PostgreSQL and one S3 (the embedded buckets of a Helicase of its own) that several servers may share. */
export interface SharedGround {
  /** For `helicase serve`. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly database: string;
  readonly s3: ServerProcess;
  close(): Promise<void>;
}

const BUCKET = 'helicase-bytes';

export async function openSharedGround(folder: string, accountId = '123456789012'): Promise<SharedGround> {
  const data = join(folder, 's3');
  const s3 = await startServer(data);
  const credentials = readCredentials(data)!;
  await awsClients(s3.url, credentials).s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const database = await temporaryDatabase();
  const { accessKeyId, secretAccessKey } = credentials;
  const bytes = { endpoint: s3.url, bucket: BUCKET, prefix: 'blobs/', accessKeyId, secretAccessKey };
  const flags = ['--database', database, '--bytes', JSON.stringify(bytes), '--account-id', accountId];
  return {
    flags,
    environment: { HELICASE_ROOT_KEY: randomBytes(32).toString('base64') },
    database,
    s3,
    close: () => s3.stop(),
  };
}
