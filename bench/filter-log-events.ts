// A word in task logs: FilterLogEvents, page by page, against zgrep over the same lines compressed.
// node_modules/.bin/node bench/filter-log-events.ts [megabytes, 1024]

import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { openTestMonitoring } from '../packages/monitoring/testing.ts';

const MEGABYTES = Number(process.argv[2] ?? 1024);
const GROUP = '/aws/omics/WorkflowLog';
const WORD = 'OutOfMemoryError';
const LINES = 1000;

const { next: random } = seededRandom(7);
const room = await openTestMonitoring('sqlite');
const folder = mkdtempSync(join(tmpdir(), 'helicase-filter-'));
try {
  const file = join(folder, 'task.log.gz');
  const expected = await write(file);
  const zgrep = timed(() => {
    const { stdout } = spawnSync('zgrep', ['-c', WORD, file], { encoding: 'utf8' });
    return Number(stdout.trim());
  });
  const started = performance.now();
  const found = await search();
  const filter = (performance.now() - started) / 1000;
  if (zgrep.value !== expected || found !== expected)
    throw new Error(`${expected} lines were written, zgrep found ${zgrep.value}, FilterLogEvents ${found}`);
  const size = (statSync(file).size / 1e6).toFixed(0);
  console.log(`${MEGABYTES} MB of log lines (${size} MB compressed), ${expected} with the word`);
  console.log(
    `zgrep            ${zgrep.seconds.toFixed(2)} s (${execFileSync('gzip', ['--version']).toString().split('\n')[0]})`,
  );
  console.log(`FilterLogEvents  ${filter.toFixed(2)} s`);
} finally {
  await room.close();
  rmSync(folder, { recursive: true });
}

/** The same lines into a stream of the log group and into a compressed file; how many have the word. */
async function write(path: string): Promise<number> {
  const gzip = createGzip();
  const file = gzip.pipe(createWriteStream(path));
  let bytes = 0;
  let hits = 0;
  for (let batch = 0; bytes < MEGABYTES * 1e6; batch += 1) {
    const events = Array.from({ length: LINES }, (_, index) => {
      const isHit = random() < 1e-6;
      if (isHit) hits += 1;
      return { timestamp: batch * LINES + index, message: line(isHit) };
    });
    const text = `${events.map(({ message }) => message).join('\n')}\n`;
    bytes += text.length;
    await room.writer.append(room.context, GROUP, `run/1/task/${batch % 8}`, events);
    if (!gzip.write(text)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  gzip.end();
  await finished(file);
  await room.writer.flush();
  return hits;
}

/** As an aligner writes: numbers that differ, words that do not. */
function line(isHit: boolean): string {
  const reads = Math.floor(random() * 1e6);
  const seconds = (random() * 100).toFixed(3);
  const what = isHit ? WORD : 'Processed';
  return `[M::mem_process_seqs] ${what} ${reads} reads in ${seconds} CPU sec, ${(random() * 10).toFixed(3)} real sec`;
}

async function search(): Promise<number> {
  let found = 0;
  let nextToken: string | undefined;
  do {
    const page = await room.call<FilterLogEventsResponse>('FilterLogEvents', {
      ...{ logGroupName: GROUP, filterPattern: WORD, nextToken },
    });
    found += page.events!.length;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return found;
}

function timed<T>(work: () => T): { readonly value: T; readonly seconds: number } {
  const started = performance.now();
  const value = work();
  return { value, seconds: (performance.now() - started) / 1000 };
}
