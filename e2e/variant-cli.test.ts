import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  DeleteVariantStoreResponse,
  GetReferenceImportJobResponse,
  GetVariantImportResponse,
  GetVariantStoreResponse,
  ListReferencesResponse,
  ListVariantImportJobsResponse,
  ListVariantStoresResponse,
  StartVariantImportResponse,
} from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JOB_TRUST, jobPolicy } from '../packages/cli/demo/job-role.ts';
import { askAthena } from './athena.ts';
import {
  type AwsCommand,
  awsCli,
  awsCommand,
  finished,
  openWorld,
  sharedData,
  until,
  withoutSharedData,
  type World,
} from './world.ts';

// "Creating HealthOmics variant stores" and "Performing queries on parsed annotation schemas" of the guide.

const vepFile = join(sharedData, 'human', 'vep-loftee.vcf');

/** The answer that the guide prints for its query. */
const STOP_LOST = `chr9 7798436 7798437 C G HIGH DMAC1 [stop_lost]
chr8 19960936 19960937 A C HIGH LPL [stop_lost, NMD_transcript_variant]
chr9 83055544 83055545 C A HIGH RASEF [stop_lost]
chr9 83055546 83055547 A C HIGH RASEF [stop_lost]
chr9 82982676 82982677 T A HIGH RASEF [stop_lost]
chr9 82982676 82982677 T A HIGH RASEF [stop_lost]
chr9 82982676 82982677 T A HIGH RASEF [stop_lost]
chr9 26126010 26126011 T A HIGH LOC100506422 [stop_lost]
chr8 30996593 30996594 T G HIGH PURG [stop_lost]`.split('\n');

/** A VCF as VEP writes it, of whose entries the guide's query answers those above. */
function stopLostFile(): string {
  const entries = Map.groupBy(
    STOP_LOST.map((line) => /^(\S+) (\d+) \d+ (\S+) (\S+) (\S+) (\S+) \[(.*)\]$/.exec(line)!.slice(1)),
    ([contig, start, reference, allele]) =>
      [contig, Number(start) + 1, '.', reference, allele, '.', 'PASS'].join('\t'),
  );
  const records = [...entries].map(([site, rows]) => {
    const csq = rows.map(([, , , allele, impact, symbol, consequence]) =>
      [allele, consequence!.replaceAll(', ', '&'), impact, symbol].join('|'),
    );
    // Each has a transcript beside it that the query leaves out.
    return `${site}\tCSQ=${[...csq, 'X|intron_variant|MODIFIER|OTHER'].join(',')}\n`;
  });
  return `##fileformat=VCFv4.2
##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: Allele|Consequence|IMPACT|SYMBOL">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
${records.join('')}`;
}

describe(
  'variant stores with the aws CLI',
  { skip: awsCli.skip || withoutSharedData, timeout: 300_000 },
  () => {
    let world: World;
    let aws: AwsCommand;
    let roleArn: string;
    before(async () => {
      world = await openWorld();
      aws = awsCommand(world);
      const made = await aws.json<CreateRoleResponse>`
        iam create-role --role-name OmicsImport --assume-role-policy-document ${JOB_TRUST}`;
      roleArn = made.Role!.Arn!;
      await aws.raw`iam put-role-policy --role-name OmicsImport --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket')}`;
      await aws.json`s3api create-bucket --bucket doc-example-bucket`;
      const reference = await importReference();
      await aws.json`omics create-variant-store --name myvariantstore --reference referenceArn=${reference}`;
      const get = () => aws.json<GetVariantStoreResponse>`omics get-variant-store --name myvariantstore`;
      assert.equal((await until(get, finished)).status, 'ACTIVE');
    });
    after(() => world.close());

    async function upload(key: string, text: string): Promise<void> {
      const path = join(world.folder, key);
      writeFileSync(path, text);
      await aws.raw`s3 cp --no-progress ${path} s3://doc-example-bucket/${key}`;
    }

    async function importReference(): Promise<string> {
      await upload('reference.fasta', '>22\nACGTACGT\n');
      const store = await aws.json<{ id: string }>`omics create-reference-store --name MyReferenceStore`;
      const job = await aws.json<GetReferenceImportJobResponse>`
        omics start-reference-import-job --reference-store-id ${store.id} --role-arn ${roleArn}
        --sources sourceFile=s3://doc-example-bucket/reference.fasta,name=MyReference`;
      const get = () => aws.json<GetReferenceImportJobResponse>`
        omics get-reference-import-job --reference-store-id ${store.id} --id ${job.id}`;
      assert.equal((await until(get, finished)).status, 'COMPLETED');
      const listed =
        await aws.json<ListReferencesResponse>`omics list-references --reference-store-id ${store.id}`;
      return listed.references![0]!.arn!;
    }

    const ended = (jobId: string) =>
      until(
        () => aws.json<GetVariantImportResponse>`omics get-variant-import-job --job-id ${jobId}`,
        finished,
      );

    test('VEP under a key of its own: imported, described, listed, and queried as the guide does', async () => {
      const stores = await aws.json<ListVariantStoresResponse>`omics list-variant-stores`;
      assert.deepEqual(
        stores.variantStores!.map(({ name, status }) => [name, status]),
        [['myvariantstore', 'ACTIVE']],
      );
      await upload('sample.vcf', readFileSync(vepFile, 'utf8').replaceAll('CSQ', 'VEPS'));
      const { jobId } = await aws.json<StartVariantImportResponse>`
        omics start-variant-import-job --destination-name myvariantstore --role-arn ${roleArn}
        --items source=s3://doc-example-bucket/sample.vcf --annotation-fields ${'{"VEP": "VEPS"}'}`;
      const job = await ended(jobId!);
      assert.deepEqual(
        [
          job.status,
          job.annotationFields,
          job.runLeftNormalization,
          job.items!.map((item) => item.jobStatus),
        ],
        ['COMPLETED', { VEP: 'VEPS' }, false, ['COMPLETED']],
      );
      const { variantImportJobs } = await aws.json<ListVariantImportJobsResponse>`
        omics list-variant-import-jobs --ids ${jobId!}`;
      assert.deepEqual(
        variantImportJobs!.map(({ id, status, annotationFields }) => [id, status, annotationFields]),
        [[jobId, 'COMPLETED', { VEP: 'VEPS' }]],
      );
      const rows = await askAthena(
        aws,
        `SELECT "contigname", "start", "end", "referenceallele", "vepentries"."allele", "vepentries"."impact",
          "vepentries"."symbol", "vepentries"."consequence"
         FROM "myvariantstore"."myvariantstore"
         CROSS JOIN UNNEST("annotations"."vep") AS t(vepentries)
         WHERE contains("vepentries"."consequence", 'missense_variant') AND sampleid = 'HG00096'`,
      );
      assert.deepEqual(rows.map((row) => row.join('\t')).sort(), [...missense()].sort());
    });

    test('the guide’s query through a resource link gives the answer that the guide prints', async () => {
      await upload('sample.vep.vcf', stopLostFile());
      const { jobId } = await aws.json<StartVariantImportResponse>`
        omics start-variant-import-job --destination-name myvariantstore --role-arn ${roleArn}
        --items source=s3://doc-example-bucket/sample.vep.vcf --annotation-fields ${'{"VEP": "CSQ"}'}`;
      assert.equal((await ended(jobId!)).status, 'COMPLETED');
      const { id } = await aws.json<GetVariantStoreResponse>`omics get-variant-store --name myvariantstore`;
      const account = roleArn.split(':')[4];
      const target = { CatalogId: account, DatabaseName: `variant_${account}_${id}` };
      await aws.raw`glue create-database --database-input ${JSON.stringify({ Name: 'my_link', TargetDatabase: target })}`;
      const rows = await askAthena(
        aws,
        `SELECT
          "contigname",
          "start",
          "end",
          "referenceallele",
          "vepentries"."allele",
          "vepentries"."impact",
          "vepentries"."symbol",
          "vepentries"."consequence"
        FROM
          "my_link". "myvariantstore"
        CROSS JOIN
          UNNEST("annotations"."vep") AS t(vepentries)
        where
          contains("vepentries"."consequence", 'stop_lost') limit 10`,
      );
      assert.deepEqual(rows.map((row) => row.join(' ')).sort(), [...STOP_LOST].sort());
    });

    test('a job is cancelled with no answer, and imports no more', async () => {
      const lines = Array.from({ length: 150_000 }, (_, n) => `22\t${n + 1}\t.\tA\tG\t50\tPASS\tDP=${n}\n`);
      const header = '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n';
      await upload('large.vcf', header + lines.join(''));
      // So many that it goes on until it is cancelled.
      const items = Array.from({ length: 60 }, () => ({ source: 's3://doc-example-bucket/large.vcf' }));
      const { jobId } = await aws.json<StartVariantImportResponse>`
        omics start-variant-import-job --destination-name myvariantstore --role-arn ${roleArn}
        --items ${JSON.stringify(items)}`;
      const { status, stdout } = await aws.raw`omics cancel-variant-import-job --job-id ${jobId!}`;
      assert.deepEqual([status, stdout], [0, '']);
      assert.equal((await ended(jobId!)).status, 'CANCELLED');
    });

    test('two files of a job, one of them wrong; an ended job is not cancelled; a store goes with its data', async () => {
      const vcf = readFileSync(join(sharedData, 'human', 'CEUTrio.NA12878.20.21.vcf'), 'utf8');
      await upload('sample1.vcf', vcf);
      const lines = vcf.split('\n');
      const first = lines.findIndex((line) => !line.startsWith('#'));
      await upload('sample2.vcf', lines.with(first, `${lines[first]}\t0/1`).join('\n'));
      const { jobId } = await aws.json<StartVariantImportResponse>`
        omics start-variant-import-job --destination-name myvariantstore --no-run-left-normalization
        --role-arn ${roleArn} --items source=s3://doc-example-bucket/sample1.vcf
        source=s3://doc-example-bucket/sample2.vcf`;
      const job = await ended(jobId!);
      const outcome = job.items!.map(({ jobStatus }) => jobStatus);
      assert.deepEqual([job.status, outcome], ['COMPLETED_WITH_FAILURES', ['COMPLETED', 'FAILED']]);
      assert.match(job.items![1]!.statusMessage!, new RegExp(`line ${first + 1}: 11 columns`));
      const cancelled = await aws.raw`omics cancel-variant-import-job --job-id ${jobId!}`;
      assert.match(cancelled.stderr, /ValidationException/);
      const records = lines.slice(first).filter((line) => line !== '').length;
      assert.deepEqual(
        await askAthena(aws, `SELECT count(*) FROM myvariantstore WHERE contigname IN ('20', '21')`),
        [[String(records)]],
      );
      const deleted =
        await aws.json<DeleteVariantStoreResponse>`omics delete-variant-store --name myvariantstore`;
      assert.equal(deleted.status, 'DELETING');
      const gone = await until(
        () => aws.raw`omics get-variant-store --name myvariantstore`,
        ({ status }) => status !== 0,
      );
      assert.match(gone.stderr, /ResourceNotFoundException/);
    });
  },
);

/** The query's rows of one sample, by bcftools' own reading of the file; an end is a start and its REF's length. */
function missense(): readonly string[] {
  const columns = '%POS0\\t%REF\\t%Allele\\t%IMPACT\\t%SYMBOL\\t%Consequence\\n';
  const printed = execFileSync('bcftools', ['+split-vep', '-d', '-f', columns, vepFile], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const entries = printed
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return entries.flatMap(([start, reference, ...entry]) => {
    const consequences = entry.pop()!.split('&');
    if (!consequences.includes('missense_variant')) return [];
    const end = Number(start) + reference!.length;
    return [['22', start, end, reference, ...entry, `[${consequences.join(', ')}]`].join('\t')];
  });
}
