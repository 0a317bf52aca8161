import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import {
  CompleteMultipartReadSetUploadCommand,
  CreateMultipartReadSetUploadCommand,
  CreateSequenceStoreCommand,
  GetReadSetMetadataCommand,
  type OmicsClient,
} from '@aws-sdk/client-omics';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import { readCredentials, type StoredCredentials } from '../packages/server/index.ts';
import { type Asked, presign, sign } from '../packages/wire/testing/sign.ts';

/**
 * Bytes in and out of a sealed store by curl on four connections, against the same curl with nginx: parts of a read set
 * (GetReadSet) and ranges of its object at the access point (S3) against ranges of the same file plain; parts up, each
 * with its SHA-256 signed (UploadReadSetPart), against nginx's PUT to disk. The server is on the same machine.
 * Targets: at least 0.65 down, at least 0.6 up.
 *
 *   node_modules/.bin/node bench/transfer.ts [MEGABYTES]      needs nginx (Debian: nginx) and curl
 */

const CONNECTIONS = 4;
const ROUNDS = 3;
const PART = 100 * 2 ** 20;
const DOWN = 0.65;
const UP = 0.6;

type Request = readonly string[]; // curl's arguments

/** Seconds that all requests take, each connection doing its share one after the other. */
async function timed(requests: readonly Request[]): Promise<number> {
  const lanes = Array.from({ length: CONNECTIONS }, (_, lane) =>
    requests.filter((_request, index) => index % CONNECTIONS === lane),
  );
  const begun = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      if (lane.length === 0) return;
      const args = lane.flatMap((request, index) => [
        ...(index > 0 ? ['--next'] : []),
        ...COMMON,
        ...request,
      ]);
      const curl = spawn('curl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      const [code] = (await once(curl, 'close')) as [number];
      if (code !== 0) throw new Error(`curl ended with ${code}`);
    }),
  );
  return (performance.now() - begun) / 1000;
}

const COMMON = ['--silent', '--show-error', '--fail', '--output', '/dev/null'];

async function best(requests: readonly Request[]): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) seconds.push(await timed(requests));
  return Math.min(...seconds);
}

/** A valid FASTQ of random bases, hardly compressed, so that its parts are as large as the file. */
async function makeFastq(path: string, megabytes: number): Promise<void> {
  const gzip = createGzip({ level: 1 });
  const file = gzip.pipe(createWriteStream(path));
  const bytes = Buffer.alloc(150_000);
  for (let read = 0; file.bytesWritten < megabytes * 1e6;) {
    randomFillSync(bytes);
    const text = Array.from({ length: 1000 }, () => {
      const of = bytes.subarray((read % 1000) * 150, (read % 1000) * 150 + 150);
      const bases = Array.from(of, (byte) => 'ACGT'[byte & 3]).join('');
      const qualities = Array.from(of, (byte) => String.fromCharCode(35 + ((byte >> 2) % 40))).join('');
      return `@read${read++}\n${bases}\n+\n${qualities}\n`;
    }).join('');
    if (!gzip.write(text)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(file, 'close');
}

/** As GetReadSet's parts are cut, so that every way moves the same pieces. */
const ranges = (size: number): readonly string[] =>
  Array.from(
    { length: Math.ceil(size / PART) },
    (_, i) => `${i * PART}-${Math.min(size, (i + 1) * PART) - 1}`,
  );

async function parts(path: string): Promise<readonly Buffer[]> {
  const whole = await readFile(path);
  return Array.from({ length: Math.ceil(whole.length / PART) }, (_, i) =>
    whole.subarray(i * PART, (i + 1) * PART),
  );
}

class Bench {
  readonly folder: string;
  readonly url: string;
  readonly credentials: StoredCredentials;
  readonly omics: OmicsClient;
  readonly port: number;

  constructor(folder: string, url: string, credentials: StoredCredentials) {
    this.folder = folder;
    this.url = url;
    this.credentials = credentials;
    this.omics = awsClients(url, credentials).omics;
    this.port = Number(new URL(url).port);
  }

  async signed(asked: Asked): Promise<Request> {
    const headers = await sign(this.port, asked, { keys: this.credentials });
    const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    return [...given, '--request', asked.method ?? 'GET', `http://127.0.0.1:${this.port}${asked.target}`];
  }

  /** A new upload and the requests for its parts. */
  async upload(store: string, pieces: readonly Buffer[]) {
    const { uploadId } = await this.omics.send(
      new CreateMultipartReadSetUploadCommand({
        ...{ sequenceStoreId: store, sourceFileType: 'FASTQ', subjectId: 's', sampleId: 's', name: 'bench' },
        generatedFrom: 'bench',
      }),
    );
    const requests: Request[] = [];
    for (const [index, body] of pieces.entries()) {
      const target = `/sequencestore/${store}/upload/${uploadId}/part?partNumber=${index + 1}&partSource=SOURCE1`;
      const headers = { 'content-type': 'application/octet-stream' };
      const request = await this.signed({ method: 'PUT', target, body, headers });
      requests.push(['--header', 'expect:', '--upload-file', this.part(index), ...request]);
    }
    return { uploadId: uploadId!, requests };
  }

  part(index: number): string {
    return join(this.folder, `part-${index}`);
  }

  /** Told by the server once it has looked at every read. */
  async complete(store: string, uploadId: string, checksums: readonly string[]): Promise<string> {
    const { readSetId } = await this.omics.send(
      new CompleteMultipartReadSetUploadCommand({
        ...{ sequenceStoreId: store, uploadId },
        parts: checksums.map((checksum, i) => ({
          checksum,
          partNumber: i + 1,
          partSource: 'SOURCE1' as const,
        })),
      }),
    );
    for (;;) {
      const found = await this.omics.send(
        new GetReadSetMetadataCommand({ sequenceStoreId: store, id: readSetId! }),
      );
      if (found.status === 'ACTIVE') return readSetId!;
      if (found.status !== 'PROCESSING_UPLOAD') throw new Error(`${found.status}: ${found.statusMessage}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** nginx on a free port with its own folder, in the foreground. */
async function startNginx(folder: string) {
  const port = 20_000 + (process.pid % 10_000);
  await mkdir(join(folder, 'www'), { recursive: true });
  const configuration = `daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log stderr warn;
user root;
events {} http { access_log off; sendfile on; client_max_body_size 0;
client_body_temp_path ${folder}/body; server { listen 127.0.0.1:${port}; root ${folder}/www; dav_methods PUT; } }`;
  writeFileSync(join(folder, 'nginx.conf'), configuration);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'], { stdio: 'inherit' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') };
}

function tell(name: string, seconds: number, theirs: number, megabytes: number, target: number): void {
  const ratio = theirs / seconds;
  const speed = (of: number) => `${(megabytes / of).toFixed(0)} MB/s`;
  console.log(
    `${name.padEnd(28)} ${speed(seconds)}, nginx ${speed(theirs)}: ${ratio.toFixed(2)} (target: at least ${target})`,
  );
  if (ratio < target) process.exitCode = 1;
}

async function measure(folder: string, wanted: number): Promise<void> {
  const nginx = await startNginx(folder);
  const server = await startServer(join(folder, 'data'), ['--log-level', 'error']);
  try {
    const credentials = readCredentials(join(folder, 'data'))!;
    const bench = new Bench(folder, server.url, credentials);
    const { id } = await bench.omics.send(new CreateSequenceStoreCommand({ name: 'bench' }));
    const store = id!;
    const plain = join(folder, 'www', 'reads.fastq.gz');
    await makeFastq(plain, wanted);
    const { size } = statSync(plain);
    const megabytes = size / 1e6;
    const pieces = await parts(plain);
    pieces.forEach((piece, index) => writeFileSync(bench.part(index), piece));
    console.log(`${megabytes.toFixed(0)} MB in ${pieces.length} parts, on ${CONNECTIONS} connections:`);

    const ups: number[] = [];
    let last = '';
    for (let round = 0; round < ROUNDS; round++) {
      const { requests, uploadId } = await bench.upload(store, pieces);
      ups.push(await timed(requests));
      last = uploadId;
    }
    const put = await best(
      pieces.map((_, index) => [
        '--header',
        'expect:',
        '--upload-file',
        bench.part(index),
        `${nginx.url}/up-${index}`,
      ]),
    );
    tell('UploadReadSetPart', Math.min(...ups), put, megabytes, UP);

    const checksums = pieces.map((piece) => sha256(piece));
    const readSet = await bench.complete(store, last, checksums);
    const numbers = pieces.map((_, index) => index + 1);
    const gets = await Promise.all(
      numbers.map((number) =>
        bench.signed({
          target: `/sequencestore/${store}/readset/${readSet}?file=SOURCE1&partNumber=${number}`,
        }),
      ),
    );
    const theirs = await best(ranges(size).map((range) => ['--range', range, `${nginx.url}/reads.fastq.gz`]));
    tell('GetReadSet', await best(gets), theirs, megabytes, DOWN);

    const { files } = await bench.omics.send(
      new GetReadSetMetadataCommand({ sequenceStoreId: store, id: readSet }),
    );
    const target = `/${files!.source1!.s3Access!.s3Uri!.replace('s3://', '')}`;
    const signing = { service: 's3', keys: credentials };
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const url = `http://127.0.0.1:${bench.port}${await presign(bench.port, { target, headers }, signing, 3_600)}`;
    tell(
      'S3 GetObject',
      await best(ranges(size).map((range) => ['--range', range, url])),
      theirs,
      megabytes,
      DOWN,
    );
  } finally {
    nginx.stop();
    await server.stop();
  }
}

function sha256(piece: Buffer): string {
  return createHash('sha256').update(piece).digest('base64');
}

const folder = mkdtempSync(join(tmpdir(), 'helicase-transfer-'));
try {
  await measure(folder, Number(process.argv[2] ?? 838));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
