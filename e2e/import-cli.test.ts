import {
  CreateSequenceStoreCommand,
  GetReadSetImportJobCommand,
  GetReadSetMetadataCommand,
  StartReadSetImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { helicase } from './walls-story.ts';
import { finished, openWorld, until, type World } from './world.ts';

const FASTQ = '@read:1\nGATTACA\n+\nIIIIIII\n@read:2\nACGTACG\n+\nIIIIIII\n';

describe('helicase import', { timeout: 120_000 }, () => {
  let world: World;
  let clients: Clients;
  let roleArn: string;
  let sequenceStoreId: string;

  before(async () => {
    world = await openWorld();
    clients = awsClients(world.server.url, world.credentials);
    const { iam, omics, s3 } = clients;
    await s3.send(new CreateBucketCommand({ Bucket: 'reads' }));
    await s3.send(new PutObjectCommand({ Bucket: 'reads', Key: 'a.fastq.gz', Body: gzipSync(FASTQ) }));
    roleArn = await createJobRole(iam, 'OmicsImport', 'reads');
    sequenceStoreId = (await omics.send(new CreateSequenceStoreCommand({ name: 'store' }))).id!;
  });
  after(() => world.close());

  async function importManifest(manifest: string, ...flags: readonly string[]) {
    const file = join(world.folder, 'reads.yaml');
    writeFileSync(file, manifest);
    return { file, ...(await helicase(['import', file, '--data', world.data, ...flags])) };
  }
  const source = (name: string, key: string, type = 'FASTQ') => `
  - sourceFiles:
      source1: s3://reads/${key}
    sourceFileType: ${type}
    subjectId: subject
    sampleId: "007"
    name: ${name}
`;

  test('imports what a YAML manifest says, and tells each source', async () => {
    const manifest = `sequenceStoreId: "${sequenceStoreId}"\nroleArn: ${roleArn}\nsources:${source('first', 'a.fastq.gz')}`;
    const { status, stderr, stdout } = await importManifest(manifest);
    assert.equal(status, 0, stdout + stderr);
    const [, id] = /^\[1\/1\] first: FINISHED, read set (\d+)$/m.exec(stdout) ?? [];
    assert.match(stdout, /^import job \d+: COMPLETED/m);
    const found = await clients.omics.send(new GetReadSetMetadataCommand({ sequenceStoreId, id }));
    assert.deepEqual([found.name, found.sampleId, found.fileType], ['first', '007', 'FASTQ']);
  });

  test('a source that fails is told with its reason and its place; the others come in', async () => {
    const manifest = source('there', 'a.fastq.gz') + source('missing', 'b.fastq.gz');
    const { file, status, stdout } = await importManifest(
      manifest,
      ...['--store', sequenceStoreId, '--role', roleArn],
    );
    assert.equal(status, 1, stdout);
    assert.match(stdout, /^\[1\/2\] there: FINISHED, read set \d+$/m);
    const told = stdout.split('\n').find((line) => line.startsWith('[2/2] missing: FAILED: '));
    // The second source is the manifest's ninth line.
    assert.ok(told?.includes('b.fastq.gz') && told.endsWith(`(${file}:9:5)`), stdout);
    assert.match(stdout, /^import job \d+: COMPLETED_WITH_FAILURES/m);
  });

  test('what the server refuses is told with its place', async () => {
    const { file, status, stderr } = await importManifest(
      source('aligned', 'a.bam', 'BAM'),
      ...['--store', sequenceStoreId, '--role', roleArn],
    );
    assert.equal(status, 2, stderr);
    assert.ok(stderr.includes(`${file}:2:5: sources[0].referenceArn is missing`), stderr);
  });

  test('the API takes the manifest in YAML as it is, as a console sends it', async () => {
    const manifest = `sequenceStoreId: "${sequenceStoreId}"\nroleArn: ${roleArn}\nsources:${source('as-it-is', 'a.fastq.gz')}`;
    const send = (text: string) => {
      const start = new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources: [] });
      start.middlewareStack.add(
        (next) => (call) => {
          const request = call.request as { body: unknown; headers: Record<string, string> };
          request.body = text;
          request.headers['content-type'] = 'application/yaml';
          request.headers['content-length'] = String(Buffer.byteLength(text));
          return next(call);
        },
        { step: 'build', priority: 'low' },
      );
      return clients.omics.send(start);
    };
    const { id } = await send(manifest);
    const job = await until(
      () => clients.omics.send(new GetReadSetImportJobCommand({ sequenceStoreId, id })),
      finished,
    );
    assert.deepEqual(
      job.sources!.map(({ name, sampleId, status }) => [name, sampleId, status]),
      [['as-it-is', '007', 'FINISHED']],
    );
    await assert.rejects(send('sources: [\n'), {
      name: 'SerializationException',
      message: /not YAML: line 2, column 1/,
    });
  });

  test('a manifest without store or role, or none at all, says what to add', async () => {
    const { status, stderr } = await importManifest(source('first', 'a.fastq.gz'));
    assert.equal(status, 2);
    assert.match(stderr, /no sequenceStoreId: add it there, or give --store ID/);
    assert.match((await helicase(['import', '/nonexistent.yaml'])).stderr, /ENOENT/);
  });
});
