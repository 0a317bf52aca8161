import type { GetReadSetMetadataResponse, GetReferenceMetadataResponse } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserPage, openChromium, withoutChromium } from '../../e2e/chromium.ts';
import { type AwsCommand, awsCommand, openWorld, until, type World } from '../../e2e/world.ts';
import { importGermline } from './germline.ts';

/**
 * igv.js, unmodified, in Chromium shows a read set and its reference out of their stores, by presigned URLs under the
 * access points' aliases: as a track, and in the form of IGV's URLs (?file=...&index=...&locus=...). The reads and depths
 * that it shows are held against what samtools says of the file that was imported:
 * node conformance/storage/igv.ts IGV_JS [PICTURE], the file igv.min.js of the npm package igv, and where to write what
 * the browser showed. Needs chromium, the aws CLI, minimap2 and samtools on the path.
 */

const [FIRST, LAST] = [5000, 5200];
const REGION = `chr1:${FIRST}-${LAST}`;
const TRACK = 'read set';
/** Beyond the reads of the region: igv.js would leave out some at random. */
const EVERY_READ = 100_000;

interface Links {
  readonly fasta: string;
  readonly fai: string;
  readonly bam: string;
  readonly bai: string;
}

async function links(world: World, aws: AwsCommand, bam: string): Promise<Links> {
  const made = await importGermline(world, aws, bam);
  const readSet = await aws.json<GetReadSetMetadataResponse>`
    omics get-read-set-metadata --sequence-store-id ${made.store} --id ${made.readSet}`;
  const reference = await aws.json<GetReferenceMetadataResponse>`
    omics get-reference-metadata --reference-store-id ${made.referenceStore} --id ${made.reference}`;
  const signed = async (uri: string | undefined) => (await aws.raw`s3 presign ${uri}`).stdout.trim();
  return {
    fasta: await signed(reference.files!.source!.s3Access!.s3Uri),
    fai: await signed(reference.files!.index!.s3Access!.s3Uri),
    bam: await signed(readSet.files!.source1!.s3Access!.s3Uri),
    bai: await signed(readSet.files!.index!.s3Access!.s3Uri),
  };
}

/** A page of another origin than the server's, as a web portal has it. */
async function servePages(igv: string): Promise<Server> {
  const server = createServer((request, response) => {
    const script = request.url === '/igv.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(
      script ? readFileSync(igv) : '<!doctype html><div id="view"></div><script src="/igv.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Shown {
  /** Name, flags and start of those that overlap the region. */
  readonly reads: readonly string[];
  /** By position of the region. */
  readonly depths: readonly number[];
}

/** What the alignment track of igv.js has of the region. */
async function show(page: BrowserPage, url: string, config: object): Promise<Shown> {
  await page.goTo(url);
  await until(
    async () => page.evaluate<string>('location.href + typeof igv'),
    (found) => found === `${url}object`,
  );
  return (await page.evaluate<Shown>(`(async () => {
    const browser = await igv.createBrowser(document.getElementById('view'), ${JSON.stringify(config)});
    const track = browser.findTracks('type', 'alignment')[0];
    // As the view asks for them; the file's reader gives what lies beside the region too.
    const found = await track.getFeatures('chr1', ${FIRST - 1}, ${LAST}, 1, track.trackView.viewports[0]);
    const there = (read) => read.start < ${LAST} && read.start + read.lengthOnRef >= ${FIRST};
    const text = (read) => [read.readName, read.flags, read.start + 1].join(' ');
    const depths = [];
    for (let at = ${FIRST - 1}; at < ${LAST}; at += 1)
      depths.push(found.coverageMap.coverage[at - found.coverageMap.bpStart]?.total ?? 0);
    return { reads: found.allAlignments().filter(there).map(text).sort(), depths };
  })()`))!;
}

/** What samtools has there: igv.js shows what is mapped. */
function expectedOf(bam: string): Shown {
  const lines = (...args: readonly string[]) =>
    execFileSync('samtools', [...args], { encoding: 'utf8' })
      .trim()
      .split('\n');
  lines('index', bam);
  const reads = lines('view', '-F', '4', bam, REGION).map((line) => line.split('\t'));
  const depths = lines('depth', '-a', '-s', '-r', REGION, bam).map((line) => Number(line.split('\t')[2]));
  return { reads: reads.map(([name, flags, , start]) => `${name} ${flags} ${start}`).sort(), depths };
}

const [igv, picture] = process.argv.slice(2);
if (igv === undefined || withoutChromium) {
  console.error(withoutChromium || 'usage: node conformance/storage/igv.ts IGV_JS [PICTURE.png]');
  process.exit(2);
}
const pages = await servePages(igv);
const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
const world = await openWorld(['--cors-origins', origin]);
const page = await openChromium();
try {
  const bam = `${world.folder}/germline.bam`;
  const { fasta, fai, ...readSet } = await links(world, awsCommand(world), bam);
  const reference = { id: 'germline', fastaURL: fasta, indexURL: fai };
  const expected = expectedOf(bam);
  const told = `${expected.reads.length} reads and ${expected.depths.length} depths of ${REGION}, as samtools`;

  const track = { name: TRACK, type: 'alignment', format: 'bam', url: readSet.bam, indexURL: readSet.bai };
  const options = { samplingDepth: EVERY_READ, height: 500 };
  const asTrack = { reference, locus: REGION, tracks: [{ ...track, ...options }] };
  assert.deepEqual(await show(page, `${origin}/`, asTrack), expected);
  console.log(`passed  igv.js, a track by presigned URLs: ${told}`);
  if (picture !== undefined) writeFileSync(picture, await page.picture());

  const query = new URLSearchParams({ file: readSet.bam, index: readSet.bai, locus: REGION, name: TRACK });
  const asUrl = { reference, queryParametersSupported: true, samplingDepth: EVERY_READ };
  assert.deepEqual(await show(page, `${origin}/?${query}`, asUrl), expected);
  console.log(`passed  igv.js, IGV's URL form: ${told}`);
} finally {
  await page.close();
  pages.closeAllConnections();
  pages.close();
  await world.close();
}
