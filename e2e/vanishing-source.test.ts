import {
  CreateSequenceStoreCommand,
  GetReadSetImportJobCommand,
  ListReadSetsCommand,
  StartReadSetImportJobCommand,
} from '@aws-sdk/client-omics';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { finished, until } from './world.ts';

// Sources in another S3 service that change, or go with their bucket, after the first of their bytes came. The service
// is a second server of ours; with HELICASE_OTHER_S3=http://127.0.0.1:5000 it is whoever answers there, as `moto_server`.

const BUCKET = 'their-reads';
const KEY = 'reads.fastq.gz';
/** What happens after the first bytes of an object; answers whether the connection goes on. */
type Meanwhile = () => Promise<'go on' | 'break'>;

describe('a source in another S3 service', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-e2e-'));
  let other: ServerProcess | undefined;
  let door: Door;
  let server: ServerProcess;
  let clients: Clients;
  let theirs: S3Client;
  let roleArn: string;

  before(async () => {
    const keys = { accessKeyId: 'theirs', secretAccessKey: 'theirs' };
    const given = process.env['HELICASE_OTHER_S3'];
    if (given === undefined) other = await startServer(join(folder, 'other'));
    const endpoint = given ?? other!.url;
    const credentials = given === undefined ? readCredentials(join(folder, 'other'))! : keys;
    theirs = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    door = await openDoor(endpoint);
    const { accessKeyId, secretAccessKey } = credentials;
    const external = [{ prefix: BUCKET, endpoint: door.url, accessKeyId, secretAccessKey }];
    const environment = { HELICASE_EXTERNAL_BUCKETS: JSON.stringify(external) };
    server = await startServer(join(folder, 'data'), [], { environment });
    clients = awsClients(server.url, readCredentials(join(folder, 'data'))!);
    roleArn = await createJobRole(clients.iam, 'Import', BUCKET);
  });
  after(async () => {
    await server?.stop();
    door?.close();
    await other?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Imports their object, something happening meanwhile; the message of the source that failed. */
  async function refusal(meanwhile: Meanwhile): Promise<string> {
    await theirs.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await theirs.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: reads() }));
    const { id: sequenceStoreId } = await clients.omics.send(
      new CreateSequenceStoreCommand({ name: 'store' }),
    );
    const bytes = storedFiles();
    door.meanwhile = meanwhile;
    const source = { subjectId: 's', sampleId: 's', sourceFileType: 'FASTQ' as const };
    const sources = [{ ...source, sourceFiles: { source1: `s3://${BUCKET}/${KEY}` } }];
    const { id } = await clients.omics.send(
      new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources }),
    );
    const job = new GetReadSetImportJobCommand({ sequenceStoreId, id });
    const done = await until(() => clients.omics.send(job), finished);
    assert.equal(done.status, 'FAILED');
    assert.equal(door.meanwhile, undefined, 'it happened while the bytes came');
    assert.deepEqual((await clients.omics.send(new ListReadSetsCommand({ sequenceStoreId }))).readSets, []);
    assert.deepEqual(storedFiles(), bytes, 'no bytes are left');
    return done.sources![0]!.statusMessage!;
  }
  const storedFiles = () => readdirSync(join(folder, 'data', 'blobs'), { recursive: true }).sort();
  const removeBucket = async () => {
    await theirs.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: KEY }));
    await theirs.send(new DeleteBucketCommand({ Bucket: BUCKET }));
  };

  test('that changes is refused, with both ETags', async () => {
    const message = await refusal(async () => {
      await theirs.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: reads() }));
      return 'go on';
    });
    assert.match(
      message,
      /their-reads\/reads\.fastq\.gz changed while it was imported \(ETag \w+, then \w+\)/,
    );
    await removeBucket();
  });

  test('whose bucket vanishes is refused, naming the object', async () => {
    const message = await refusal(async () => {
      await removeBucket();
      return 'go on';
    });
    assert.match(message, /their-reads\/reads\.fastq\.gz|bucket their-reads/);
  });

  test('whose bucket vanishes with the connection is refused, naming the bucket', async () => {
    const message = await refusal(async () => {
      await removeBucket();
      return 'break';
    });
    assert.match(message, /their-reads/);
  });
});

/** Some megabytes, since bases at random do not compress. */
function reads(): Uint8Array {
  const bases = randomBytes(6_000_000).map((byte) => 'ACGT'.charCodeAt(byte % 4));
  return gzipSync(`@read:1\n${Buffer.from(bases).toString()}\n+\n${'I'.repeat(bases.length)}\n`, {
    level: 1,
  });
}

interface Door {
  readonly url: string;
  /** Done once, and then forgotten. */
  meanwhile: Meanwhile | undefined;
  close(): void;
}

/** Passes requests on as they come; what a test wants to happen meanwhile happens after an object's first bytes. */
async function openDoor(target: string): Promise<Door> {
  const door: { meanwhile: Meanwhile | undefined } = { meanwhile: undefined };
  const server: Server = createServer((incoming, outgoing) => pass(target, incoming, outgoing, door));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(door, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
}

function pass(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  door: { meanwhile: Meanwhile | undefined },
): void {
  const { method, headers } = incoming;
  const to = new URL(incoming.url!, target);
  // The Host header is part of the signature: it stays.
  const onward = request(to, { method, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    void (async () => {
      for await (const piece of answer as AsyncIterable<Buffer>) {
        if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once('drain', resolve));
        const { meanwhile } = door;
        if (method !== 'GET' || !to.pathname.endsWith(KEY) || !meanwhile) continue;
        door.meanwhile = undefined;
        if ((await meanwhile()) === 'break') return void outgoing.destroy();
      }
      outgoing.end();
    })().catch(() => outgoing.destroy());
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
