import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCredentials } from '@helicase/server';
import { awsClients } from './clients.ts';
import { consoleProgress } from './progress.ts';
import { report } from './report.ts';
import { findSampleFiles } from './sample-files.ts';
import { startServer } from './server-process.ts';
import { simulate } from './simulation.ts';
import { type StoryOutcome, tellStory } from './story.ts';
import { compare, readTruth } from './truth.ts';

export interface DemoOptions {
  /** A user's folder; a simulated sample where absent. */
  readonly data?: string;
  /** Leaves the server running until Ctrl-C. */
  readonly keep: boolean;
  /** More flags for `helicase serve`, for example `--database postgres://...`. */
  readonly serve: readonly string[];
  readonly seed: number;
}

const LEAST = 0.95;

/** The main job on a fresh server; answers the exit status: 1 where recall or precision is below 0.95. */
export async function demo(options: DemoOptions): Promise<number> {
  const progress = consoleProgress(process.stdout, () => Date.now());
  const data = freshFolder();
  const folder = options.data ?? `${data}-sample`;
  if (options.data === undefined) simulate(folder, options.seed);
  const files = findSampleFiles(folder);
  const truth = readTruth(join(folder, 'truth.tsv'));
  const server = await progress.step('A fresh server', async (update) => {
    const started = await startServer(data, options.serve);
    update(started.url);
    return started;
  });
  try {
    const clients = awsClients(server.url, readCredentials(data)!);
    const outcome = await tellStory(clients, files, progress);
    progress.line('');
    for (const line of report(outcome.variants, truth)) progress.line(line);
    for (const line of tryNext(outcome, data, server.url)) progress.line(line);
    if (options.keep) await untilInterrupted(progress.line);
    const comparison = truth && compare(truth, outcome.variants);
    return comparison && (comparison.recall < LEAST || comparison.precision < LEAST) ? 1 : 0;
  } finally {
    await server.stop();
  }
}

/** `helicase-data-demo`, or the first such name with a number that is free: nothing of a user's is overwritten. */
function freshFolder(): string {
  for (let number = 1; ; number++) {
    const folder = resolve(number === 1 ? 'helicase-data-demo' : `helicase-data-demo-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

function tryNext(outcome: StoryOutcome, data: string, url: string): readonly string[] {
  const port = new URL(url).port;
  return [
    '',
    `Everything is kept in ${data}. Start it again and look around:`,
    '',
    `  npx helicase serve --data ${data} --port ${port} &`,
    `  eval "$(npx helicase env --data ${data} --port ${port})"`,
    `  curl ${url}/healthz`,
    `  aws omics list-read-sets --sequence-store-id ${outcome.sequenceStoreId}`,
    `  aws omics get-read-set-metadata --sequence-store-id ${outcome.sequenceStoreId} --id ${outcome.readSetId}`,
    `  aws omics get-run --id ${outcome.runId}`,
    `  aws s3 ls --recursive s3://${outcome.bucket}/runs/${outcome.runId}/`,
    `  aws athena start-query-execution --query-string "SELECT count(*) FROM ${outcome.variantStore}" \\`,
    `    --result-configuration OutputLocation=s3://${outcome.bucket}/queries/`,
    '',
  ];
}

function untilInterrupted(line: (text: string) => void): Promise<void> {
  line('The server goes on until Ctrl-C.');
  return new Promise((resolve) => {
    const timer = setInterval(() => {}, 60_000);
    process.once('SIGINT', () => {
      clearInterval(timer);
      resolve();
    });
  });
}
