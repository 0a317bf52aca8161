import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type {
  CreateReferenceStoreResponse,
  CreateSequenceStoreResponse,
  GetReadSetImportJobResponse,
  GetReadSetMetadataResponse,
  GetReferenceImportJobResponse,
  ListReferencesResponse,
} from '@aws-sdk/client-omics';
import { openChromium } from '../../e2e/chromium.ts';
import { awsCommand, finished, openWorld, runProgram, sharedData, until } from '../../e2e/world.ts';
import { awsClients } from '../../packages/cli/demo/clients.ts';
import { createJobRole } from '../../packages/cli/demo/job-role.ts';

/**
 * igv.js, unmodified, shows an aligned read set in Chromium, by presigned URLs of the access point (the form in which
 * IGV's desktop takes a file and its index too):
 * node conformance/storage/igv.ts IGV_JS [PICTURE], the file igv.min.js of the npm package igv, and where to write what
 * the browser showed. Needs chromium, the aws CLI, minimap2 and samtools on the path. What igv.js drew from is compared
 * with what samtools says of the file that was imported.
 */
const [igv, picture] = process.argv.slice(2);
if (igv === undefined) throw new Error('node conformance/storage/igv.ts IGV_JS [PICTURE]');
const REGION = { contig: 'chr1', start: 5_000, end: 5_200 };
const germline = join(sharedData, 'germline');

const site = createServer((request, response) => {
  const file = { '/igv.js': igv, '/reference.fasta': join(germline, 'reference.fasta') }[request.url ?? ''];
  response.setHeader('content-type', request.url === '/igv.js' ? 'text/javascript' : 'text/html');
  response.end(file ? readFileSync(file) : '<!doctype html><div id=view></div><script src=/igv.js></script>');
}).listen(0, '127.0.0.1');
await new Promise((resolve) => site.once('listening', resolve));
const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
const world = await openWorld(['--cors-origins', origin]);
const aws = awsCommand(world);

async function program(name: string, ...args: readonly string[]): Promise<string> {
  const done = await runProgram(name, args, world.environment, world.folder);
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

async function importReference(roleArn: string): Promise<string> {
  await aws.raw`s3 cp ${join(germline, 'reference.fasta')} s3://igv-example/reference.fasta`;
  const store = await aws.json<CreateReferenceStoreResponse>`omics create-reference-store --name references`;
  const job = await aws.json<GetReferenceImportJobResponse>`omics start-reference-import-job
    --reference-store-id ${store.id} --role-arn ${roleArn}
    --sources sourceFile=s3://igv-example/reference.fasta,name=germline`;
  await until(
    () => aws.json<GetReferenceImportJobResponse>`omics get-reference-import-job
      --reference-store-id ${store.id} --id ${job.id}`,
    finished,
  );
  const listed =
    await aws.json<ListReferencesResponse>`omics list-references --reference-store-id ${store.id}`;
  return listed.references![0]!.arn!;
}

/** The aligned reads as a read set; its file and its index by presigned URLs. */
async function importReads(roleArn: string, referenceArn: string): Promise<readonly [string, string]> {
  const reads = [1, 2].map((mate) => join(germline, `wgs1_R${mate}.fastq.gz`));
  await program('minimap2', '-ax', 'sr', '-o', 'reads.sam', join(germline, 'reference.fasta'), ...reads);
  await program('samtools', 'sort', '-o', 'reads.bam', 'reads.sam');
  await program('samtools', 'index', 'reads.bam');
  await aws.raw`s3 cp reads.bam s3://igv-example/reads.bam`;
  const store = await aws.json<CreateSequenceStoreResponse>`omics create-sequence-store --name igv`;
  const source = {
    ...{ sourceFileType: 'BAM', subjectId: 'subject', sampleId: 'sample', referenceArn },
    sourceFiles: { source1: 's3://igv-example/reads.bam' },
  };
  const job = await aws.json<GetReadSetImportJobResponse>`omics start-read-set-import-job
    --sequence-store-id ${store.id} --role-arn ${roleArn} --sources ${JSON.stringify([source])}`;
  const done = await until(
    () => aws.json<GetReadSetImportJobResponse>`omics get-read-set-import-job
      --sequence-store-id ${store.id} --id ${job.id}`,
    finished,
  );
  const { files } = await aws.json<GetReadSetMetadataResponse>`omics get-read-set-metadata
    --sequence-store-id ${store.id} --id ${done.sources![0]!.readSetId}`;
  const presigned = async (uri: string | undefined) => (await aws.raw`s3 presign ${uri}`).stdout.trim();
  return [await presigned(files!.source1!.s3Access!.s3Uri), await presigned(files!.index!.s3Access!.s3Uri)];
}

interface Shown {
  readonly reads: readonly string[];
  /** By position of the region. */
  readonly depths: readonly number[];
}

/** What the alignment track of igv.js has of the region. */
async function show(url: string, indexURL: string): Promise<Shown> {
  const { contig, end, start } = REGION;
  const options = {
    reference: { fastaURL: '/reference.fasta', indexed: false },
    locus: `${contig}:${start + 1}-${end}`,
    tracks: [{ name: 'read set', type: 'alignment', format: 'bam', url, indexURL, height: 500 }],
  };
  const page = await openChromium();
  try {
    await page.goTo(origin);
    await until(
      () => page.evaluate<string>('typeof igv'),
      (type) => type === 'object',
    );
    const shown = await page.evaluate<Shown>(`(async () => {
      const browser = await igv.createBrowser(document.getElementById('view'), ${JSON.stringify(options)});
      const [track] = browser.findTracks('type', 'alignment');
      const found = await track.getFeatures('${contig}', ${start}, ${end}, 0.2);
      const depths = [];
      for (let at = ${start}; at < ${end}; at += 1)
        depths.push(found.coverageMap.coverage[at - found.coverageMap.bpStart]?.total ?? 0);
      return { reads: found.allAlignments().map((read) => read.readName + ' ' + read.flags), depths };
    })()`);
    if (picture !== undefined) writeFileSync(picture, await page.picture());
    return shown!;
  } finally {
    await page.close();
  }
}

try {
  await aws.json`s3api create-bucket --bucket igv-example`;
  const roleArn = await createJobRole(
    awsClients(world.server.url, world.credentials).iam,
    'Igv',
    'igv-example',
  );
  const shown = await show(...(await importReads(roleArn, await importReference(roleArn))));
  const region = `${REGION.contig}:${REGION.start + 1}-${REGION.end}`;
  const view = await program('samtools', 'view', 'reads.bam', region);
  const reads = view
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').slice(0, 2).join(' '));
  // igv.js also keeps a read that ends just before the region.
  const missing = reads.filter((read) => !shown.reads.includes(read));
  assert.deepEqual(missing, [], 'reads of the region that igv.js does not have');
  const depth = await program('samtools', 'depth', '-a', '-s', '-r', region, 'reads.bam');
  const depths = depth
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.split('\t')[2]));
  assert.deepEqual(shown.depths, depths, 'depths of the region');
  console.log(
    `igv.js has the ${reads.length} reads of ${region} that samtools has, and its ${depths.length} depths.`,
  );
} finally {
  site.close();
  await world.close();
}
