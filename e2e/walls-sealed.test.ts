import { GetRunCommand } from '@aws-sdk/client-omics';
import { DeleteObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import {
  BUCKET,
  createWorkflow,
  fastq,
  type Ground,
  importVariants,
  layGround,
  put,
  query,
  readReads,
  readsImported,
  startReads,
  startRun,
  uri,
  vcf,
} from './walls-story.ts';
import { finished, until } from './world.ts';

// docs/sealed.md in the strict sense: what it calls sealed is searched for on the disk, in plain.

const LOG_LINE = 'a line that only the log may hold 8271';
const WORKFLOW = `version 1.0
workflow Tell {
  input { File text }
  call Say { input: text = text }
  output { File said = Say.said }
}
task Say {
  input { File text }
  # a comment that only the definition holds 5519
  command <<< tr a-z A-Z < ~{text} > said.txt; rev < ~{text} >&2 >>>
  output { File said = "said.txt" }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;

/** Bytes to be found or not, by what they are. */
type Needles = ReadonlyMap<string, Buffer>;

describe('the data directory searched for what was imported', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-sealed-'));
  const data = join(folder, 'data');
  const random = seededRandom(29);
  const bases = (length: number) => Array.from({ length }, () => 'ACGT'[random.below(4)]).join('');
  const sequence = bases(4_000);
  const read = bases(120);
  const needles = new Map<string, Buffer>();
  let server: ServerProcess;
  let clients: Clients;
  let ground: Ground;

  before(async () => {
    server = await startServer(data);
    clients = awsClients(server.url, readCredentials(data)!);
    ground = await layGround(clients, `>walls\n${sequence}\n`);
    const calls = vcf('walls', sequence, 50);
    await put(clients, 'reads.fastq.gz', gzipSync(fastq(300, read)));
    await put(clients, 'calls.vcf', calls);
    await put(clients, 'text.txt', [...LOG_LINE].reverse().join('') + '\n');
    const id = await readsImported(clients, ground, await startReads(clients, ground, 'reads.fastq.gz', 'r'));
    await importVariants(clients, ground, 'sealed_variants', 'calls.vcf');
    assert.deepEqual(await query(clients, 'SELECT count(*) FROM sealed_variants'), [['50']]);
    const workflowId = await createWorkflow(clients, WORKFLOW);
    const runId = await startRun(clients, ground, workflowId, { text: uri('text.txt') });
    const run = await until(() => clients.omics.send(new GetRunCommand({ id: runId })), finished, 60);
    assert.equal(run.status, 'COMPLETED', run.statusMessage);

    const stored = Buffer.from(await readReads(clients, ground, id));
    needles.set('bases of a read', Buffer.from(read.slice(10, 60)));
    needles.set('the read set’s file, in its middle', middle(stored));
    needles.set('the reference', Buffer.from(sequence.slice(1_000, 1_050)));
    needles.set(
      'a line of the VCF',
      Buffer.from(calls.split('\n').find((line) => line.startsWith('walls'))!),
    );
    needles.set('the id of a variant', Buffer.from('walls37'));
    needles.set('the workflow’s definition', Buffer.from('only the definition holds 5519'));
    needles.set('a line of a task’s log', Buffer.from(LOG_LINE));
    needles.set('the secret access key', Buffer.from(readCredentials(data)!.secretAccessKey));
    const rootKey = readFileSync(join(data, 'keys', 'root.key'), 'utf8').trim();
    needles.set('the root key', Buffer.from(rootKey));
    needles.set('the root key, decoded', Buffer.from(rootKey, 'base64'));
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('finds the buckets’ objects: the search can find', () => {
    const found = search(data, needles);
    for (const what of ['the reference', 'a line of the VCF'])
      assert.ok(
        found.some((place) => place.startsWith(`${what}: blobs/`)),
        found.join('\n'),
      );
  });

  test('finds nothing once the objects are deleted, beside what is left to the host', async () => {
    const pages = paginateListObjectsV2({ client: clients.s3 }, { Bucket: BUCKET });
    for await (const { Contents } of pages) {
      for (const { Key } of Contents ?? [])
        await clients.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    }
    await server.stop();
    server = await startServer(data); // the sweep of the start deletes their bytes
    await until(
      async () => search(data, new Map([['object', needles.get('a line of the VCF')!]])),
      (found) => found.length === 0,
    );
    await server.stop();
    const allowed = ['the secret access key: credentials.json', 'the root key: keys/root.key'];
    assert.deepEqual(
      search(data, needles).filter((place) => !allowed.includes(place)),
      [],
    );
  });

  test('and none of the blobs that are left begins as a file of the field does', () => {
    const blobs = files(join(data, 'blobs'));
    assert.ok(blobs.length >= 4, `${blobs.length} blobs`);
    const magics = {
      gzip: '1f8b08',
      parquet: '50415231',
      zip: '504b0304',
      cram: '4352414d',
      bai: '42414901',
    };
    for (const path of blobs) {
      const start = readFileSync(path).subarray(0, 4).toString('hex');
      for (const [kind, magic] of Object.entries(magics))
        assert.ok(!start.startsWith(magic), `${relative(data, path)} begins as ${kind}`);
    }
  });
});

function middle(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2);
  return bytes.subarray(at, at + 32);
}

/** Where each needle lies: `what: path below the folder`. */
function search(folder: string, needles: Needles): readonly string[] {
  return files(folder).flatMap((path) => {
    const bytes = contents(path);
    const here = [...needles].filter(([, needle]) => bytes?.includes(needle));
    return here.map(([what]) => `${what}: ${relative(folder, path)}`);
  });
}

/** Undefined where the server, which may be working, has removed the file since it was listed. */
function contents(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
