import type { CreateRoleResponse } from '@aws-sdk/client-iam';
import type {
  CreateAnnotationStoreResponse,
  CreateAnnotationStoreVersionResponse,
  DeleteAnnotationStoreResponse,
  DeleteAnnotationStoreVersionsResponse,
  GetAnnotationImportResponse,
  GetAnnotationStoreResponse,
  GetAnnotationStoreVersionResponse,
  GetReferenceImportJobResponse,
  ListAnnotationImportJobsResponse,
  ListAnnotationStoresResponse,
  ListAnnotationStoreVersionsResponse,
  ListReferencesResponse,
  StartAnnotationImportResponse,
} from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
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

// "Creating annotation stores and import jobs" of the guide, its commands mended where the shell or the CLI's shorthand
// would refuse them (unbalanced brackets, capital letters in a store's name).

const annotation = join(sharedData, 'annotation');

const strings = (names: string) =>
  names
    .split(' ')
    .map((name) => `{${name}=STRING}`)
    .join(',');
/** A row of 14 columns, the last of them empty. */
const genemapRow = (...cells: string[]) => `${[...cells, ...Array(14 - cells.length).fill('')].join('\t')}\n`;
const reading = (header: boolean) =>
  String.raw`tsvOptions={readOptions={sep="\t",header=${header},comment="#"}}`;
const BED_GZ = String.raw`{ "tsvOptions": { "readOptions": { "header": false, "sep": "\t" } } }`;

/** "Creating TSV formatted annotation stores", each with the first lines of a file of its kind, read by hand. */
const TSV_EXAMPLES = [
  {
    name: 'mimgenemap',
    options:
      '{annotationType=CHR_START_END_ONE_BASE,formatToHeader={CHR=chromosome,START=genomic_position_start,END=genomic_position_end},' +
      'schema=[{chromosome=STRING},{genomic_position_start=LONG},{genomic_position_end=LONG},' +
      strings(
        'cyto_location computed_cyto_location mim_number gene_symbols gene_name approved_gene_name entrez_gene_id ' +
          'ensembl_gene_id comments phenotypes mouse_gene_symbol',
      ) +
      ']}',
    file: {
      name: 'hg38_genemap2.txt',
      bytes:
        '# Chromosome\tGenomic Position Start\n' +
        genemapRow(
          'chr1',
          '1001138',
          '1014540',
          '1p36.33',
          '1p36.33',
          '147571',
          'ISG15, G1P2',
          '=SUM(A1:A9)',
        ) +
        genemapRow('chr7', '117480025', '117668665', '7q31.2', '7q31.2', '602421', 'CFTR'),
    },
    reading: reading(false),
    sql: 'SELECT chromosome, genomic_position_start, genomic_position_end, gene_name FROM mimgenemap ORDER BY 1',
    expected: [
      ['chr1', '1001137', '1014540', '=SUM(A1:A9)'],
      ['chr7', '117480024', '117668665', undefined],
    ],
  },
  {
    name: 'gnomadchrx',
    options:
      '{annotationType=CHR_POS_REF_ALT,formatToHeader={CHR=chromosome,POS=start,REF=ref,ALT=alt},schema=[{chromosome=STRING},' +
      `{start=LONG},${strings('ref alt filters ac_hom ac_het af_hom af_het an max_observed_heteroplasmy')}]}`,
    file: {
      name: 'gnomad.genomes.v3.1.sites.chrM.reduced_annotations.tsv',
      bytes:
        'chromosome\tposition\tref\talt\tfilters\tAC_hom\tAC_het\tAF_hom\tAF_het\tAN\tmax_observed_heteroplasmy\n' +
        'chrM\t3\tT\tC\tPASS\t19\t1\t3.4e-04\t1.8e-05\t56434\t9.97e-01\n',
    },
    reading: reading(true),
    sql: 'SELECT chromosome, start, "end", ref, alt, af_hom FROM gnomadchrx',
    expected: [['chrM', '2', '3', 'T', 'C', '3.4e-04']],
  },
  {
    name: 'mim2gene_all',
    options: `{annotationType=GENERIC,formatToHeader={},schema=[${strings('mim_gene_id mim_type entrez_id hgnc ensembl')}]}`,
    file: {
      name: 'mim2gene_all.txt',
      bytes: '# MIM Number\tMIM Entry Type\n100640\tgene\t216\tALDH1A1\tENSG00000165092\n',
    },
    reading: reading(false),
    sql: 'SELECT mim_gene_id, mim_type, entrez_id, hgnc, ensembl FROM mim2gene_all',
    expected: [['100640', 'gene', '216', 'ALDH1A1', 'ENSG00000165092']],
  },
  {
    name: 'tsv_anno_example',
    options:
      '{annotationType=CHR_START_END_ZERO_BASE,formatToHeader={CHR=chromosome,START=start,END=end},' +
      'schema=[{chromosome=STRING},{start=LONG},{end=LONG}]}',
    file: { name: 'genomic_data.bed.gz', bytes: gzipSync('chr1\t10\t20\nchr1\t30\t40\n') },
    reading: BED_GZ,
    sql: 'SELECT chromosome, start, "end" FROM tsv_anno_example ORDER BY start',
    expected: [
      ['chr1', '10', '20'],
      ['chr1', '30', '40'],
    ],
  },
];

describe(
  'annotation stores with the aws CLI',
  { skip: awsCli.skip || withoutSharedData, timeout: 300_000 },
  () => {
    let world: World;
    let aws: AwsCommand;
    let roleArn: string;
    let referenceArn: string;
    before(async () => {
      world = await openWorld();
      aws = awsCommand(world);
      const made = await aws.json<CreateRoleResponse>`
      iam create-role --role-name OmicsImport --assume-role-policy-document ${JOB_TRUST}`;
      roleArn = made.Role!.Arn!;
      await aws.raw`iam put-role-policy --role-name OmicsImport --policy-name jobs --policy-document ${jobPolicy('doc-example-bucket')}`;
      await aws.json`s3api create-bucket --bucket doc-example-bucket`;
      referenceArn = await importReference();
    });
    after(() => world.close());

    const upload = (path: string, key: string) =>
      aws.raw`s3 cp --no-progress ${path} s3://doc-example-bucket/${key}`;

    async function importReference(): Promise<string> {
      const fasta = join(world.folder, 'reference.fasta');
      writeFileSync(fasta, '>1\nACGTACGT\n>chr1\nACGTACGT\n');
      await upload(fasta, 'reference.fasta');
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

    const active = (name: string) =>
      until(() => aws.json<GetAnnotationStoreResponse>`omics get-annotation-store --name ${name}`, finished);

    async function imported({ jobId }: StartAnnotationImportResponse): Promise<GetAnnotationImportResponse> {
      const get = () =>
        aws.json<GetAnnotationImportResponse>`omics get-annotation-import-job --job-id ${jobId}`;
      const job = await until(get, finished);
      assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
      return job;
    }

    test('a VCF store: created, described, listed, imported into, and read as bcftools reads the file', async () => {
      const created = await aws.json<CreateAnnotationStoreResponse>`
      omics create-annotation-store --name my_annotation_store --store-format VCF
      --reference referenceArn=${referenceArn} --version-name new_version`;
      assert.deepEqual([created.status, created.versionName], ['CREATING', 'new_version']);
      const store = await active('my_annotation_store');
      assert.deepEqual([store.status, store.numVersions, store.storeSizeBytes], ['ACTIVE', 1, 0]);
      const listed = await aws.json<ListAnnotationStoresResponse>`omics list-annotation-stores`;
      assert.deepEqual(
        listed.annotationStores!.map(({ name }) => name),
        ['my_annotation_store'],
      );
      const exac = join(annotation, 'exac.vcf.gz');
      await upload(exac, 'exac.vcf.gz');
      const job = await imported(
        await aws.json<StartAnnotationImportResponse>`
        omics start-annotation-import-job --destination-name my_annotation_store --version-name new_version
        --role-arn ${roleArn} --items source=s3://doc-example-bucket/exac.vcf.gz
        --annotation-fields ${'{"VEP": "CSQ"}'}
        --format-options ${'{"vcfOptions": {"ignoreQualField": true, "ignoreFilterField": false}}'}`,
      );
      assert.deepEqual(
        [job.versionName, job.runLeftNormalization, job.annotationFields],
        ['new_version', false, { VEP: 'CSQ' }],
      );
      const jobs =
        await aws.json<ListAnnotationImportJobsResponse>`omics list-annotation-import-jobs --ids ${job.id}`;
      assert.deepEqual(
        jobs.annotationImportJobs!.map(({ id, status, versionName }) => [id, status, versionName]),
        [[job.id, 'COMPLETED', 'new_version']],
      );
      const rows = await askAthena(
        aws,
        `SELECT contigname, start + 1, referenceallele, array_join(filters, ';'), count(qual)
       FROM my_annotation_store.new_version GROUP BY 1, 2, 3, 4, alternatealleles`,
      );
      const expected = shell(`bcftools query -f '%CHROM\\t%POS\\t%REF\\t%FILTER\\t0\\n' "$1"`, exac).split(
        '\n',
      );
      assert.deepEqual(rows.map((row) => row.join('\t')).sort(), expected.sort());
    });

    test('the guide’s BED and mim2gene commands, and a row that is wrong named by file and line', async () => {
      const shorthand =
        'tsvStoreOptions={annotationType=CHR_START_END_ZERO_BASE,formatToHeader={CHR=chromosome,START=start,END=end},' +
        'schema=[{chromosome=STRING},{start=LONG},{end=LONG}]}';
      await aws.json`
      omics create-annotation-store --name cexbed --store-format TSV --reference=referenceArn=${referenceArn}
      --store-options=${shorthand}`;
      assert.equal((await active('cexbed')).status, 'ACTIVE');
      const bed = join(annotation, 'hg38-blacklist.bed');
      await upload(bed, 'regions.bed');
      const options = String.raw`tsvOptions={readOptions={sep="\t",header=false,comment="#"}}`;
      await imported(
        await aws.json<StartAnnotationImportResponse>`
        omics start-annotation-import-job --role-arn ${roleArn} --destination-name cexbed
        --items=source=s3://doc-example-bucket/regions.bed --format-options=${options}`,
      );
      const rows = await askAthena(
        aws,
        `SELECT chromosome, count(*), sum("end" - start) FROM cexbed GROUP BY 1`,
      );
      const program = `{ n[$1]++; s[$1] += $3 - $2 } END { for (c in n) print c "=" n[c] "=" s[c] }`;
      assert.deepEqual(
        rows.map((row) => row.join('=')).sort(),
        shell('awk "$2" "$1"', bed, program).split('\n').sort(),
      );

      const generic =
        'tsvStoreOptions={annotationType=GENERIC,formatToHeader={},schema=[{mim_gene_id=STRING},{entrez_id=INT}]}';
      await aws.json`omics create-annotation-store --name mim2gene --store-format TSV --store-options=${generic}`;
      await active('mim2gene');
      writeFileSync(join(world.folder, 'mim2gene.txt'), '# MIM\tEntrez\n100640\t216\n100650\tnone\n');
      await upload(join(world.folder, 'mim2gene.txt'), 'mim2gene.txt');
      const { jobId } = await aws.json<StartAnnotationImportResponse>`
      omics start-annotation-import-job --role-arn ${roleArn} --destination-name mim2gene
      --items=source=s3://doc-example-bucket/mim2gene.txt --format-options=${options}`;
      const get = () =>
        aws.json<GetAnnotationImportResponse>`omics get-annotation-import-job --job-id ${jobId}`;
      const failed = await until(get, finished);
      assert.equal(failed.status, 'FAILED');
      assert.match(failed.statusMessage!, /mim2gene\.txt: line 3: column "entrez_id": "none" is no INT/);
      const jobs = await aws.json<ListAnnotationImportJobsResponse>`
      omics list-annotation-import-jobs --filter storeName=mim2gene`;
      assert.deepEqual(
        jobs.annotationImportJobs!.map(({ id, status }) => [id, status]),
        [[jobId, 'FAILED']],
      );
      const cancel = await aws.raw`omics cancel-annotation-import-job --job-id ${jobId}`;
      assert.match(cancel.stderr, /ValidationException/);
    });

    describe('the guide’s TSV examples', { concurrency: TSV_EXAMPLES.length }, () => {
      for (const { name, options, file, reading, sql, expected } of TSV_EXAMPLES)
        test(`the guide’s commands of ${name}`, async () => {
          await aws.json`
        omics create-annotation-store --name ${name} --store-format TSV --reference=referenceArn=${referenceArn}
        --store-options=${`tsvStoreOptions=${options}`}`;
          writeFileSync(join(world.folder, file.name), file.bytes);
          await upload(join(world.folder, file.name), file.name);
          await active(name);
          await imported(
            await aws.json<StartAnnotationImportResponse>`
          omics start-annotation-import-job --role-arn ${roleArn} --destination-name ${name}
          --items=source=s3://doc-example-bucket/${file.name} --format-options=${reading}`,
          );
          assert.deepEqual(await askAthena(aws, sql), expected);
        });
    });

    test('a version that is imported into is deleted with force, and its import is cancelled', async () => {
      // A file that takes seconds: the version is deleted while it is read.
      const rows = gzipSync('chr1\t10\t20\n'.repeat(4_000_000), { level: 1 });
      writeFileSync(join(world.folder, 'long.bed.gz'), rows);
      await upload(join(world.folder, 'long.bed.gz'), 'long.bed.gz');
      const { jobId } = await aws.json<StartAnnotationImportResponse>`
      omics start-annotation-import-job --role-arn ${roleArn} --destination-name tsv_anno_example
      --items source=s3://doc-example-bucket/long.bed.gz --format-options ${BED_GZ}`;
      const remove = (force: '--force' | '--no-force') => aws.json<DeleteAnnotationStoreVersionsResponse>`
      omics delete-annotation-store-versions --name tsv_anno_example --versions tsv_anno_example ${force}`;
      assert.deepEqual((await remove('--no-force')).errors, [
        { versionName: 'tsv_anno_example', message: 'version has an inflight import running' },
      ]);
      assert.deepEqual((await remove('--force')).errors, []);
      const job =
        await aws.json<GetAnnotationImportResponse>`omics get-annotation-import-job --job-id ${jobId}`;
      assert.equal(job.status, 'CANCELLED');
    });

    test('versions: created, updated, imported into, listed, deleted with an error for each that is not there', async () => {
      await aws.json`
      omics create-annotation-store --name genes --store-format GFF --reference referenceArn=${referenceArn}`;
      await active('genes');
      const made = await aws.json<CreateAnnotationStoreVersionResponse>`
      omics create-annotation-store-version --name genes --version-name my_version`;
      assert.deepEqual([made.name, made.versionName, made.status], ['genes', 'my_version', 'CREATING']);
      const get = () => aws.json<GetAnnotationStoreVersionResponse>`
      omics get-annotation-store-version --name genes --version-name my_version`;
      assert.equal((await until(get, finished)).status, 'ACTIVE');
      await aws.json`
      omics update-annotation-store-version --name genes --version-name my_version --description ${'New Description'}`;
      assert.equal((await get()).description, 'New Description');
      const gff = join(annotation, 'ensembl.gff3.gz');
      await upload(gff, 'ensembl.gff3.gz');
      await imported(
        await aws.json<StartAnnotationImportResponse>`
        omics start-annotation-import-job --destination-name genes --version-name my_version --role-arn ${roleArn}
        --items source=s3://doc-example-bucket/ensembl.gff3.gz`,
      );
      const rows = await askAthena(
        aws,
        'SELECT type, count(*), min(start) + 1, max("end") FROM genes.my_version GROUP BY 1',
      );
      const program = `!/^#/ { n[$3]++; if (!($3 in a) || $4 < a[$3]) a[$3] = $4; if ($5 > z[$3]) z[$3] = $5 }
      END { for (t in n) print t "=" n[t] "=" a[t] "=" z[t] }`;
      const expected = shell(`zcat "$1" | awk -F'\\t' "$2"`, gff, program).split('\n');
      assert.deepEqual(rows.map((row) => row.join('=')).sort(), expected.sort());
      assert.deepEqual(await askAthena(aws, 'SELECT count(*) FROM genes'), [['0']]);

      const refused = await aws.raw`omics delete-annotation-store --name genes`;
      assert.match(refused.stderr, /ConflictException.*has 2 versions/);
      const { errors } = await aws.json<DeleteAnnotationStoreVersionsResponse>`
      omics delete-annotation-store-versions --name genes --versions my_version my_other`;
      assert.deepEqual(errors, [
        { versionName: 'my_other', message: 'Version with versionName: my_other was not found.' },
      ]);
      const list = () =>
        aws.json<ListAnnotationStoreVersionsResponse>`omics list-annotation-store-versions --name genes`;
      await until(list, ({ annotationStoreVersions }) => annotationStoreVersions!.length === 1);
      const deleted =
        await aws.json<DeleteAnnotationStoreResponse>`omics delete-annotation-store --name genes`;
      assert.equal(deleted.status, 'DELETING');
      const gone = await until(
        () => aws.raw`omics get-annotation-store --name genes`,
        ({ status }) => status !== 0,
      );
      assert.match(gone.stderr, /ResourceNotFoundException/);
    });
  },
);

/** What a shell prints; the files it needs are its arguments. */
function shell(script: string, ...args: readonly string[]): string {
  const run = spawnSync('bash', ['-o', 'pipefail', '-c', script, 'shell', ...args], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout.trim();
}
