import {
  CreateAnnotationStoreCommand,
  CreateAnnotationStoreVersionCommand,
  CreateMultipartReadSetUploadCommand,
  CreateReferenceStoreCommand,
  CreateRunGroupCommand,
  CreateSequenceStoreCommand,
  CreateShareCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  GetAnnotationImportJobCommand,
  GetAnnotationStoreCommand,
  GetReferenceImportJobCommand,
  GetRunCommand,
  GetVariantImportJobCommand,
  GetVariantStoreCommand,
  GetWorkflowCommand,
  ListReferencesCommand,
  StartAnnotationImportJobCommand,
  StartReadSetActivationJobCommand,
  StartReadSetExportJobCommand,
  StartReadSetImportJobCommand,
  StartReferenceImportJobCommand,
  StartRunCommand,
  StartVariantImportJobCommand,
  UploadReadSetPartCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  ListServiceQuotasCommand,
  RequestServiceQuotaIncreaseCommand,
  type ServiceQuota,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { valuesByCode } from '@helicase/monitoring';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { finished, openWorld, runProgram, until, type World } from './world.ts';

// The guide's "Quotas for AWS HealthOmics", those that count things: each set so low that a test reaches it, what is
// beyond refused, an increase requested, approved by the operator, and the same request passed. Rates and what waits for
// its turn are in packages/monitoring/quota, storage/item-job, analytics/variant-import-job and workflows/scheduling.

const BUCKET = 'doc-example-bucket';
const uri = (key: string) => `s3://${BUCKET}/${key}`;
const VCF =
  '##fileformat=VCFv4.2\n##contig=<ID=1,length=8>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t2\t.\tC\tT\t50\tPASS\t.\n';
const WORKFLOW = `version 1.0
workflow Two { call two }
task two {
  command { true }
  runtime { cpu: 2 memory: "64 MiB" }
}
`;
/** 53 bytes. */
const TINY = 5e-8;

interface CountQuota {
  /** Its name in the guide. */
  readonly quota: string;
  /** What it is at first, and what is asked for. */
  readonly from: number;
  readonly to: number;
  /** Takes all that there is. */
  reach?(): Promise<unknown>;
  /** What is beyond: refused at first. */
  more(): Promise<unknown>;
  /** Of what is refused at its work, not when it is asked for. */
  readonly failsWith?: RegExp;
}

describe('the numbers of the guide’s quotas', { timeout: 240_000 }, () => {
  let folder: string;
  let world: World;
  let clients: Clients;
  let quotas: ServiceQuotasClient;
  let roleArn: string;
  let storeId: string;
  let referenceStoreId: string;
  let referenceArn: string;
  let variantStoreArn: string;
  let workflowId: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-quotas-'));
    const config = join(folder, 'helicase.json');
    const values = Object.fromEntries(COUNTS.map(({ from, quota }) => [quota, from]));
    writeFileSync(config, JSON.stringify({ quotas: valuesByCode(values) }));
    world = await openWorld(['--config', config]);
    clients = awsClients(world.server.url, world.credentials);
    const { region } = world.credentials;
    quotas = new ServiceQuotasClient({
      endpoint: world.server.url,
      region,
      credentials: world.credentials,
    });
    roleArn = await createJobRole(clients.iam, 'Jobs', BUCKET);
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const [Key, Body] of [
      ['reference.fasta', '>1\nACGTACGT\n'],
      ['calls.vcf', VCF],
      ['names.tsv', `name\n${'sample\n'.repeat(20)}`],
    ] as const)
      await clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  });
  after(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const omics = (): Clients['omics'] => clients.omics;
  const importReference = async () => {
    const sources = [{ sourceFile: uri('reference.fasta'), name: 'reference' }];
    const input = { referenceStoreId, roleArn, sources };
    const job = await omics().send(new StartReferenceImportJobCommand(input));
    const get = () => omics().send(new GetReferenceImportJobCommand({ referenceStoreId, id: job.id }));
    assert.equal((await until(get, finished)).status, 'COMPLETED');
  };
  const createVariantStore = (name: string) =>
    omics().send(new CreateVariantStoreCommand({ name, reference: { referenceArn } }));
  const createAnnotationStore = (name: string) =>
    omics().send(
      new CreateAnnotationStoreCommand({
        ...{ name, storeFormat: 'TSV' },
        storeOptions: { tsvStoreOptions: { annotationType: 'GENERIC', schema: [{ name: 'STRING' }] } },
      }),
    );
  const startVariantImport = (...items: readonly string[]) =>
    omics().send(
      new StartVariantImportJobCommand({
        ...{ destinationName: 'variants', roleArn, items: items.map((key) => ({ source: uri(key) })) },
      }),
    );
  const startAnnotationImport = (count: number) =>
    omics().send(
      new StartAnnotationImportJobCommand({
        ...{ destinationName: 'annotations', roleArn },
        items: Array.from({ length: count }, () => ({ source: uri('names.tsv') })),
        formatOptions: { tsvOptions: { readOptions: { header: true } } },
      }),
    );
  const createWorkflow = () =>
    omics().send(
      new CreateWorkflowCommand({ definitionZip: zipSync({ 'main.wdl': Buffer.from(WORKFLOW) }) }),
    );
  const startRun = (members: object = {}) =>
    omics().send(new StartRunCommand({ workflowId, roleArn, outputUri: uri('out'), ...members }));
  const source = { sourceFileType: 'FASTQ', subjectId: 's', sampleId: 's' } as const;
  const startReadSetImport = (count: number) =>
    omics().send(
      new StartReadSetImportJobCommand({
        ...{ sequenceStoreId: storeId, roleArn },
        sources: Array.from({ length: count }, () => ({ ...source, sourceFiles: { source1: uri('a') } })),
      }),
    );
  const ended = (answer: {
    readonly status?: string | undefined;
    readonly statusMessage?: string | undefined;
  }) => {
    if (answer.status !== 'COMPLETED') throw new Error(answer.statusMessage);
  };

  const COUNTS: readonly CountQuota[] = [
    {
      ...{ quota: 'Sequence stores', from: 1, to: 2 },
      reach: async () =>
        (storeId = (await omics().send(new CreateSequenceStoreCommand({ name: 'reads' }))).id!),
      more: () => omics().send(new CreateSequenceStoreCommand({ name: 'more' })),
    },
    {
      ...{ quota: 'Read sets per sequence store', from: 1, to: 2 },
      // What is being uploaded has its place already.
      reach: () =>
        omics().send(
          new CreateMultipartReadSetUploadCommand({ sequenceStoreId: storeId, name: 'one', ...source }),
        ),
      more: () => startReadSetImport(1),
    },
    {
      ...{ quota: 'References per reference store', from: 1, to: 2 },
      reach: async () => {
        referenceStoreId = (await omics().send(new CreateReferenceStoreCommand({ name: 'references' }))).id!;
        await importReference();
        const { references } = await omics().send(new ListReferencesCommand({ referenceStoreId }));
        referenceArn = references![0]!.arn!;
      },
      more: importReference,
    },
    {
      ...{ quota: 'Variant stores', from: 1, to: 2 },
      reach: async () => {
        await createVariantStore('variants');
        const get = () => omics().send(new GetVariantStoreCommand({ name: 'variants' }));
        variantStoreArn = (await until(get, finished)).storeArn!;
      },
      more: () => createVariantStore('more'),
    },
    {
      ...{ quota: 'Annotation stores', from: 1, to: 2 },
      reach: async () => {
        await createAnnotationStore('annotations');
        await until(() => omics().send(new GetAnnotationStoreCommand({ name: 'annotations' })), finished);
      },
      more: () => createAnnotationStore('more'),
    },
    {
      ...{ quota: 'Maximum number of annotation store versions', from: 1, to: 2 },
      more: () =>
        omics().send(new CreateAnnotationStoreVersionCommand({ name: 'annotations', versionName: 'second' })),
    },
    {
      ...{ quota: 'Maximum number of shares for annotation or variant store', from: 1, to: 2 },
      reach: () => share('444455556666'),
      more: () => share('777788889999'),
    },
    {
      ...{ quota: 'Files per variant store import job', from: 1, to: 2 },
      more: () => startVariantImport('calls.vcf', 'calls.vcf'),
    },
    {
      ...{ quota: 'Variant store import job file size (GB)', from: TINY, to: 20 },
      failsWith: /ServiceQuotaExceededException: the file has 105 bytes/,
      more: async () => {
        const { jobId } = await startVariantImport('calls.vcf');
        ended(await until(() => omics().send(new GetVariantImportJobCommand({ jobId })), finished));
      },
    },
    {
      ...{ quota: 'Annotation store import file size (GB)', from: TINY, to: 20 },
      failsWith: /ServiceQuotaExceededException: the file has 145 bytes/,
      more: async () => {
        const { jobId } = await startAnnotationImport(1);
        ended(await until(() => omics().send(new GetAnnotationImportJobCommand({ jobId })), finished));
      },
    },
    {
      ...{ quota: 'Number of workflows', from: 1, to: 2 },
      reach: async () => {
        workflowId = (await createWorkflow()).id!;
        await until(() => omics().send(new GetWorkflowCommand({ id: workflowId })), finished);
      },
      more: createWorkflow,
    },
    {
      ...{ quota: 'Number of run groups', from: 1, to: 2 },
      reach: () => omics().send(new CreateRunGroupCommand({ name: 'group' })),
      more: () => omics().send(new CreateRunGroupCommand({ name: 'more' })),
    },
    {
      ...{ quota: 'Run storage capacity (GB)', from: 1200, to: 9600 },
      more: () => startRun({ storageCapacity: 1201 }),
    },
    {
      ...{ quota: 'Concurrent active CPUs', from: 1, to: 3000 },
      failsWith: /asks for 2 vCPUs; the account's quotas allow 1 at once/,
      more: async () => {
        const { id } = await startRun();
        ended(await until(() => omics().send(new GetRunCommand({ id })), finished));
      },
    },
    // The run of the line before is the one that there may be.
    { ...{ quota: 'Number of workflow runs (active or inactive)', from: 1, to: 5000 }, more: startRun },
  ];

  function share(principalSubscriber: string) {
    return omics().send(new CreateShareCommand({ resourceArn: variantStoreArn, principalSubscriber }));
  }

  const byName = async (): Promise<ReadonlyMap<string, ServiceQuota>> => {
    const { Quotas } = await quotas.send(new ListServiceQuotasCommand({ ServiceCode: 'omics' }));
    return new Map(Quotas!.map((quota) => [quota.QuotaName!, quota]));
  };
  const operator = async (...words: readonly string[]) => {
    const program = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const args = [program, 'quota', ...words, '--data', world.data];
    const { status, stderr, stdout } = await runProgram(process.execPath, args, process.env as never);
    assert.equal(status, 0, stderr);
    return stdout.trim().split('\n');
  };

  test('are reached; what is beyond is refused', async () => {
    for (const { failsWith, more, quota, reach } of COUNTS) {
      await reach?.();
      const refused = failsWith
        ? { message: failsWith }
        : (error: Error & { $metadata: { httpStatusCode: number } }) => {
            assert.equal(error.name, 'ServiceQuotaExceededException', `${quota}: ${error.message}`);
            return error.$metadata.httpStatusCode === 402;
          };
      await assert.rejects(more(), refused, quota);
    }
  });

  test('the account asks for more, and the operator sees and approves it', async () => {
    const known = await byName();
    for (const { quota, to } of COUNTS) {
      const { QuotaCode, ServiceCode } = known.get(quota)!;
      const asked = { ServiceCode, QuotaCode, DesiredValue: to };
      await quotas.send(new RequestServiceQuotaIncreaseCommand(asked));
    }
    const lines = await operator('requests');
    assert.deepEqual(
      lines.map((line) => /L-\w+ {2}(.+): \S+ -> (\S+), asked by/.exec(line)!.slice(1)).sort(),
      COUNTS.map(({ quota, to }) => [quota, String(to)]).sort(),
    );
    await operator('approve', ...lines.map((line) => line.split(' ')[0]!));
    const isRaised = (now: Awaited<ReturnType<typeof byName>>) =>
      COUNTS.every(({ quota, to }) => now.get(quota)!.Value === to);
    await until(byName, isRaised);
  });

  test('and what was refused passes', async () => {
    for (const { more } of COUNTS) await more();
  });

  // Export and activation take read sets of the store, which are looked for after the list was counted.
  test('those that are not adjustable hold, whoever asks', async () => {
    const many = (length: number) => Array.from({ length }, () => ({ readSetId: '1234567890' }));
    const destination = uri('exported/');
    const part = { partSource: 'SOURCE1', partNumber: 10_001, payload: Buffer.from('x') } as const;
    const refused: Readonly<Record<string, readonly [string, () => Promise<unknown>]>> = {
      'Reference stores': [
        'ServiceQuotaExceededException',
        () => omics().send(new CreateReferenceStoreCommand({ name: 'second' })),
      ],
      'Files per annotation store import job': [
        'ServiceQuotaExceededException',
        () => startAnnotationImport(2),
      ],
      'Read set sources per import job': ['ValidationException', () => startReadSetImport(101)],
      'Read sets per activation job': [
        'ValidationException',
        () =>
          omics().send(new StartReadSetActivationJobCommand({ sequenceStoreId: storeId, sources: many(21) })),
      ],
      'Read sets per export job': [
        'ValidationException',
        () =>
          omics().send(
            new StartReadSetExportJobCommand({
              ...{ sequenceStoreId: storeId, destination, roleArn, sources: many(101) },
            }),
          ),
      ],
      'Max parts in file for direct upload': [
        'ValidationException',
        () =>
          omics().send(
            new UploadReadSetPartCommand({ sequenceStoreId: storeId, uploadId: '1234567890', ...part }),
          ),
      ],
    };
    const known = await byName();
    for (const [quota, [name, ask]] of Object.entries(refused)) {
      await assert.rejects(ask(), { name }, quota);
      const { Adjustable, QuotaCode, ServiceCode, Value } = known.get(quota)!;
      assert.equal(Adjustable, false);
      const asked = { ServiceCode, QuotaCode, DesiredValue: Value! + 1 };
      await assert.rejects(quotas.send(new RequestServiceQuotaIncreaseCommand(asked)), /is not adjustable/);
    }
  });
});
