import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readCredentials, type StoredCredentials } from '@helicase/server';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { observeApart } from './api-model/observer.ts';

/** A folder of small real data beside the repository; tests that need it skip aloud where it is not there. */
export const sharedData = join(import.meta.dirname, '..', '..', 'shared', 'data');
export const withoutSharedData = existsSync(sharedData)
  ? false
  : 'the folder of real data is not beside this clone';

/** A server of its own in a folder of its own. */
export interface World {
  readonly data: string;
  /** For files that the test makes. */
  readonly folder: string;
  readonly server: ServerProcess;
  readonly credentials: StoredCredentials;
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function openWorld(flags: readonly string[] = []): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-e2e-'));
  const data = join(folder, 'data');
  const started = await startServer(data, flags);
  const observer = process.env['HELICASE_API_MODEL'] ? await observeApart(started.url) : undefined;
  const server = { ...started, url: observer?.url ?? started.url };
  const credentials = readCredentials(data)!;
  return {
    data,
    folder,
    server,
    credentials,
    environment: clientEnvironment(server.url, credentials),
    async close() {
      await started.stop();
      rmSync(folder, { recursive: true, force: true });
      assert.deepEqual(
        (await observer?.close()) ?? [],
        [],
        "answers that are not as the API's model has them",
      );
    },
  };
}

/** What `helicase env` prints, for child processes. */
export function clientEnvironment(
  url: string,
  credentials: StoredCredentials,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: credentials.region,
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    PATH: process.env['PATH'] ?? '',
    HOME: tmpdir(),
  };
}

export interface CommandOutput {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end without blocking this process. */
export function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: environment,
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}

/** The `aws` CLI on the path, 1.45 or 2.31 and newer; otherwise the reason to skip, said aloud. */
export const awsCli: { readonly program: string; readonly skip: false } | { readonly skip: string } =
  findAwsCli();

function findAwsCli(): typeof awsCli {
  const tooOld: string[] = [];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, 'aws');
    if (!existsSync(program)) continue;
    const printed = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    const [, major, minor] = /aws-cli\/(\d+)\.(\d+)/.exec(printed) ?? [];
    if ((major === '1' && Number(minor) >= 45) || (major === '2' && Number(minor) >= 31))
      return { program, skip: false };
    tooOld.push(printed.trim());
  }
  return {
    skip:
      tooOld.length > 0 ? `the aws CLI is too old: ${tooOld.join('; ')}` : 'the aws CLI is not on the path',
  };
}

/** The `aws` CLI against one world, written as on a command line: aws.json<T>`omics get-run --id ${id}`. */
export interface AwsCommand {
  /** The parsed answer ({} where it printed none); an error with what it printed where it failed. */
  json<T>(text: TemplateStringsArray, ...values: readonly (string | undefined)[]): Promise<T>;
  /** Whatever it printed, and its exit status. */
  raw(text: TemplateStringsArray, ...values: readonly (string | undefined)[]): Promise<CommandOutput>;
}

export function awsCommand(world: World): AwsCommand {
  const raw: AwsCommand['raw'] = (text, ...values) => {
    if (awsCli.skip !== false) throw new Error(awsCli.skip);
    return runProgram(
      awsCli.program,
      [...commandWords(text, values), '--output', 'json'],
      world.environment,
      world.folder,
    );
  };
  return {
    raw,
    async json<T>(text: TemplateStringsArray, ...values: readonly (string | undefined)[]): Promise<T> {
      const output = await raw(text, ...values);
      if (output.status !== 0)
        throw new Error(`aws ${commandWords(text, values).join(' ')}: ${output.stderr || output.stdout}`);
      return JSON.parse(output.stdout.trim() || '{}') as T;
    },
  };
}

/** Words are separated by white space of the literal text; a value is never split, and joins the text it touches. */
export function commandWords(
  text: TemplateStringsArray,
  values: readonly (string | undefined)[],
): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  text.forEach((part, index) => {
    for (const [piece] of part.matchAll(/\s+|\S+/g)) {
      if (/\s/.test(piece[0]!)) {
        if (word !== undefined) words.push(word);
        word = undefined;
      } else word = (word ?? '') + piece;
    }
    if (index < values.length) word = (word ?? '') + String(values[index]);
  });
  if (word !== undefined) words.push(word);
  return words;
}

/** Asks until `done`; fails after `seconds`. */
export async function until<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not done within ${seconds} s: ${JSON.stringify(answer)}`);
    await delay(100);
  }
}

export const finished = (answer: { readonly status?: string | undefined }): boolean =>
  ![
    'SUBMITTED',
    'IN_PROGRESS',
    'CANCELLING',
    'CREATING',
    'PENDING',
    'STARTING',
    'RUNNING',
    'STOPPING',
  ].includes(answer.status ?? '');
