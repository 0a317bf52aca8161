import { CloudTrailClient, CreateEventDataStoreCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateReferenceStoreCommand,
  CreateRunGroupCommand,
  CreateSequenceStoreCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  GetReadSetImportJobCommand,
  GetReadSetMetadataCommand,
  GetReferenceImportJobCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  ListReadSetsCommand,
  ListSequenceStoresCommand,
  OmicsClient,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Zippable, zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { simulate } from '../packages/cli/demo/simulation.ts';
import { finished, openWorld, until, type World } from './world.ts';

const BUCKET = 'bad-input';
const text = (value: string) => new TextEncoder().encode(value);

describe('bad input gets the right error, and leaves nothing behind', { timeout: 300_000 }, () => {
  let world: World;
  let clients: Clients;
  let roleArn: string;
  let referenceArn: string;
  let sample: string;

  before(async () => {
    world = await openWorld();
    clients = awsClients(world.server.url, world.credentials);
    roleArn = await createJobRole(clients.iam, 'Bad', BUCKET);
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    sample = join(world.folder, 'sample');
    simulate(sample, 3);
    await put('reference.fasta', readFileSync(join(sample, 'reference.fasta')));
    const store = await clients.omics.send(new CreateReferenceStoreCommand({ name: 'references' }));
    const sources = [{ sourceFile: uri('reference.fasta'), name: 'reference' }];
    const job = await clients.omics.send(
      new StartReferenceImportJobCommand({ referenceStoreId: store.id, roleArn, sources }),
    );
    const get = () =>
      clients.omics.send(new GetReferenceImportJobCommand({ referenceStoreId: store.id, id: job.id }));
    const done = await until(get, finished);
    referenceArn = `${store.arn}/reference/${done.sources![0]!.referenceId}`;
  });
  after(() => world.close());

  const put = (key: string, body: Uint8Array) =>
    clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
  const uri = (key: string) => `s3://${BUCKET}/${key}`;

  describe('authentication', () => {
    const client = (changes: object) =>
      new OmicsClient({
        endpoint: world.server.url,
        region: 'us-east-1',
        disableHostPrefix: true,
        maxAttempts: 1,
        credentials: world.credentials,
        ...changes,
      });
    const list = (changes: object) => client(changes).send(new ListSequenceStoresCommand({}));

    test('an unknown access key', async () => {
      const credentials = { ...world.credentials, accessKeyId: 'AKIAUNKNOWNUNKNOWN22' };
      await assert.rejects(list({ credentials }), refusedAs('UnrecognizedClientException', 403));
    });

    test('a signature made with another secret', async () => {
      const credentials = { ...world.credentials, secretAccessKey: 'x'.repeat(40) };
      await assert.rejects(list({ credentials }), refusedAs('InvalidSignatureException', 403));
    });

    test('a clock that is an hour late', async () => {
      await assert.rejects(list({ systemClockOffset: -3_600_000 }), {
        name: 'InvalidSignatureException',
        message: /Signature expired/,
      });
    });

    test('a region that this server is not', async () => {
      await assert.rejects(list({ region: 'eu-west-1' }), { message: /us-east-1/ });
    });

    test('no signature at all', async () => {
      const unsigned = await fetch(`${world.server.url}/sequencestores`, { method: 'POST' });
      assert.equal(unsigned.status, 403);
      assert.match(unsigned.headers.get('x-amzn-errortype')!, /MissingAuthenticationToken/);
    });

    test('an operation that nobody knows', async () => {
      const astray = client({});
      astray.middlewareStack.add(
        (next) => (args) => {
          (args.request as { path: string }).path = '/no-such-operation';
          return next(args);
        },
        { step: 'build' },
      );
      const asked = astray.send(new ListSequenceStoresCommand({}));
      await assert.rejects(asked, refusedAs('UnknownOperationException', 404));
    });
  });

  describe('constraints', () => {
    const rejects = (request: Promise<unknown>, message: RegExp) =>
      assert.rejects(request, { name: 'ValidationException', message });

    test('a required member that is missing', () =>
      rejects(
        clients.omics.send(new CreateSequenceStoreCommand({ name: undefined })),
        /name.*must not be null/,
      ));
    test('a string that is too long', () =>
      rejects(
        clients.omics.send(new CreateSequenceStoreCommand({ name: 'x'.repeat(128) })),
        /name.*length less than or equal to 127/,
      ));
    test('a string that does not match its pattern', () =>
      rejects(
        clients.omics.send(
          new GetReadSetMetadataCommand({ sequenceStoreId: 'not-digits', id: '1234567890' }),
        ),
        /'not-digits' at 'sequenceStoreId'.*regular expression.*\[0-9\]\+/,
      ));
    test('a number out of its range', () =>
      rejects(
        clients.omics.send(new CreateRunGroupCommand({ name: 'g', maxCpus: 0 })),
        /maxCpus.*greater than or equal to 1/,
      ));
    test('a value that is not of its enumeration', () =>
      rejects(
        clients.omics.send(new CreateWorkflowCommand({ engine: 'MAKE' as 'WDL', definitionZip: zip({}) })),
        /engine.*enum value set/,
      ));
    test('a list that is too long', () => {
      const source = {
        sourceFiles: { source1: uri('a') },
        sourceFileType: 'FASTQ' as const,
        subjectId: 's',
        sampleId: 's',
      };
      const sources = Array.from({ length: 101 }, () => source);
      return rejects(
        clients.omics.send(
          new StartReadSetImportJobCommand({ sequenceStoreId: '1234567890', roleArn, sources }),
        ),
        /sources.*100/,
      );
    });
    test('an operation that is registered but not built yet names itself', () => {
      const { credentials, server } = world;
      const trails = new CloudTrailClient({ endpoint: server.url, region: credentials.region, credentials });
      return assert.rejects(trails.send(new CreateEventDataStoreCommand({ Name: 'store' })), {
        name: 'NotSupportedOperationException',
        message: /CreateEventDataStore/,
      });
    });
  });

  describe('reads', () => {
    const importOf = async (source: object) => {
      const store = await clients.omics.send(new CreateSequenceStoreCommand({ name: 'reads' }));
      const sources = [{ subjectId: 's', sampleId: 's', ...source }] as never;
      const job = await clients.omics.send(
        new StartReadSetImportJobCommand({ sequenceStoreId: store.id, roleArn, sources }),
      );
      const get = () =>
        clients.omics.send(new GetReadSetImportJobCommand({ sequenceStoreId: store.id, id: job.id }));
      const done = await until(get, finished);
      const listed = await clients.omics.send(new ListReadSetsCommand({ sequenceStoreId: store.id }));
      assert.deepEqual(listed.readSets, [], 'no partial read set');
      assert.equal(done.status, 'FAILED');
      return done.sources![0]!.statusMessage!;
    };
    const fastq = () => readFileSync(join(sample, 'sample_R1.fastq.gz'));

    test('a truncated BAM', async () => {
      const bam = join(world.folder, 'whole.bam');
      const script = 'minimap2 -ax sr "$1/reference.fasta" "$1"/sample_R?.fastq.gz | samtools sort -o "$2" -';
      assert.equal(spawnSync('bash', ['-o', 'pipefail', '-c', script, 'align', sample, bam]).status, 0);
      const whole = readFileSync(bam);
      await put('truncated.bam', whole.subarray(0, Math.floor(whole.length * 0.7)));
      const message = await importOf({
        sourceFiles: { source1: uri('truncated.bam') },
        sourceFileType: 'BAM',
        referenceArn,
      });
      assert.match(message, /truncated\.bam.*(truncated|EOF)/i);
    });

    test('a FASTQ whose gzip is corrupt', async () => {
      const corrupt = Buffer.from(fastq());
      corrupt.fill(0xff, 50_000, 50_100);
      await put('corrupt.fastq.gz', corrupt);
      const message = await importOf({
        sourceFiles: { source1: uri('corrupt.fastq.gz') },
        sourceFileType: 'FASTQ',
      });
      assert.match(message, /corrupt\.fastq\.gz.*gzip/i);
    });

    test('a FASTQ pair of unequal length names both counts', async () => {
      const lines = gunzipSync(readFileSync(join(sample, 'sample_R2.fastq.gz')))
        .toString()
        .split('\n');
      await put('one.fastq.gz', fastq());
      await put('short.fastq.gz', gzipSync(`${lines.slice(0, 40).join('\n')}\n`));
      const message = await importOf({
        sourceFiles: { source1: uri('one.fastq.gz'), source2: uri('short.fastq.gz') },
        sourceFileType: 'FASTQ',
      });
      assert.match(message, /\b8000\b/);
      assert.match(message, /\b10\b/);
    });

    test('a FASTQ record whose qualities are too few names the record', async () => {
      await put('quality.fastq.gz', gzipSync('@r1\nACGT\n+\nIIII\n@r2\nACGT\n+\nIII\n'));
      const message = await importOf({
        sourceFiles: { source1: uri('quality.fastq.gz') },
        sourceFileType: 'FASTQ',
      });
      assert.match(message, /record 2/);
    });

    test('a source that is not there', async () => {
      const message = await importOf({
        sourceFiles: { source1: uri('absent.fastq.gz') },
        sourceFileType: 'FASTQ',
      });
      assert.match(message, /absent\.fastq\.gz/);
    });
  });

  test('a VCF with a broken line: the job fails with file and line, and the store stays empty', async () => {
    const header =
      '##fileformat=VCFv4.2\n##contig=<ID=demo1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n';
    await put(
      'broken.vcf',
      text(`${header}demo1\t5\t.\tA\tC\t50\tPASS\t.\ndemo1\tseven\t.\tA\tC\t50\tPASS\t.\n`),
    );
    await clients.omics.send(new CreateVariantStoreCommand({ name: 'broken', reference: { referenceArn } }));
    await until(() => clients.omics.send(new GetVariantStoreCommand({ name: 'broken' })), finished);
    const items = [{ source: uri('broken.vcf') }];
    const { jobId } = await clients.omics.send(
      new StartVariantImportJobCommand({ destinationName: 'broken', roleArn, items }),
    );
    const job = await until(() => clients.omics.send(new GetVariantImportJobCommand({ jobId })), finished);
    assert.equal(job.status, 'FAILED');
    assert.match(`${job.statusMessage} ${job.items![0]!.statusMessage}`, /broken\.vcf.*line 5/s);
    const { storeSizeBytes } = await clients.omics.send(new GetVariantStoreCommand({ name: 'broken' }));
    assert.equal(storeSizeBytes, 0);
  });

  describe('workflow definitions', () => {
    /** Refused at once, or registered as FAILED: what was said. */
    const refusal = async (definitionZip: Uint8Array): Promise<string> => {
      try {
        const { id } = await clients.omics.send(new CreateWorkflowCommand({ engine: 'WDL', definitionZip }));
        const workflow = await until(() => clients.omics.send(new GetWorkflowCommand({ id })), finished);
        assert.equal(workflow.status, 'FAILED');
        return workflow.statusMessage!;
      } catch (error) {
        if ((error as Error).name !== 'ValidationException') throw error;
        return (error as Error).message;
      }
    };

    test('a zip with ../ in a name', async () => {
      assert.match(
        await refusal(zip({ '../main.wdl': text('version 1.0\nworkflow W {}\n') })),
        /\.\.\/main\.wdl/,
      );
    });

    test('a zip bomb', async () => {
      const bomb = zipSync({ 'main.wdl': [new Uint8Array(100 * 1024 * 1024), { level: 9 }] });
      const told = await refusal(bomb);
      assert.match(told, /main\.wdl/);
      assert.match(told, /104857600|100 MiB|larger|limit|ratio/i);
    });

    test('bytes that are no zip', async () => {
      assert.match(await refusal(text('not a zip at all')), /zip/i);
    });

    test('a WDL with a type error names file, line and column', async () => {
      const wdl = 'version 1.0\nworkflow W {\n  input { String name }\n  Int number = [name]\n}\n';
      assert.match(await refusal(zip({ 'main.wdl': text(wdl) })), /main\.wdl:4:\d+/);
    });
  });
});

function zip(files: Zippable): Uint8Array {
  return zipSync(files);
}

/** The error's name and HTTP status as the SDK saw them. */
function refusedAs(
  name: string,
  status: number,
): (error: Error & { $metadata?: { httpStatusCode?: number } }) => boolean {
  return (error) => {
    assert.equal(error.name, name, error.message);
    assert.equal(error.$metadata?.httpStatusCode, status);
    return true;
  };
}
