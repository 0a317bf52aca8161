import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionRepository, SourceReference } from '@aws-sdk/client-omics';
import { type CommandResult, runCommand } from '@helicase/kernel';
import { DefinitionProblem } from '../definition/definition-problem.ts';
import type { Connection } from './connection.ts';

export interface ArchiveOptions {
  readonly connection: Connection;
  /** For the copy of the repository; empty again afterwards. */
  readonly directory: string;
  /** Bytes of the zip. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Bytes that git may fetch, and of memory that it may take: objects that unpack into more than they seem end it. */
const FETCHED_BYTES = 1024 ** 3;
const MEMORY_BYTES = 4 * 1024 ** 3;
const MINUTES = 5;
const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** git-check-ref-format(1), without what no provider's names have. */
const REFERENCE = /^(?!.*(?:\.\.|@\{|\/\/))[^\s~^:?*[\\\p{Cc}]+$/u;
const REPOSITORY = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.~-]+(?:\/[\w.~-]+)+$/;

/** What is wrong with what a request says of a repository; undefined where nothing is. */
export function repositoryFault({
  fullRepositoryId,
  sourceReference,
}: DefinitionRepository): string | undefined {
  if (!REPOSITORY.test(fullRepositoryId!)) return `fullRepositoryId "${fullRepositoryId}" is not owner/name`;
  const { type, value } = sourceReference ?? {};
  if (type === undefined) return undefined;
  if (type === 'COMMIT')
    return FULL_COMMIT.test(value!)
      ? undefined
      : `"${value}" is not the whole id of a commit, with its 40 digits`;
  return REFERENCE.test(value!) ? undefined : `"${value}" cannot be the name of a ${type.toLowerCase()}`;
}

/**
 * The files of a repository at a reference, as a zip. Git runs without this machine's configuration, on the
 * connection's protocol alone, and within bounds of size and time; DefinitionProblem with what it said otherwise.
 */
export async function archiveRepository(
  { connection, directory, limit, signal }: ArchiveOptions,
  repository: DefinitionRepository,
): Promise<Buffer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(directory, 'clone-'));
  const git = async (bytes: number, ...words: readonly string[]) => {
    const args = [`--fsize=${bytes}`, `--as=${MEMORY_BYTES}`, 'git', ...words];
    const options = { cwd: folder, env: environment(folder), timeout: MINUTES * 60_000, signal };
    const result = await runCommand('prlimit', args, options);
    if (result.code !== 0) throw refused(repository, why(result, bytes));
  };
  try {
    await writeFile(join(folder, 'config'), configuration(connection), { mode: 0o600 });
    await git(FETCHED_BYTES, 'init', '--quiet', '--bare', 'copy');
    await writeFile(join(folder, 'copy', 'info', 'attributes'), '* -export-ignore -export-subst\n');
    const url = urlOf(connection, repository.fullRepositoryId!);
    const from = referenceOf(repository.sourceReference);
    await git(FETCHED_BYTES, '-C', 'copy', 'fetch', '--quiet', '--depth=1', '--no-tags', '--', url, from);
    const left = (repository.excludeFilePatterns ?? []).map((pattern) => `:(exclude)${pattern}`);
    const output = join(folder, 'definition.zip');
    await git(limit, '-C', 'copy', 'archive', '--format=zip', '-o', output, 'FETCH_HEAD', '--', '.', ...left);
    return await readFile(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function referenceOf(reference: SourceReference | undefined): string {
  if (reference === undefined) return 'HEAD';
  const prefix = { BRANCH: 'refs/heads/', TAG: 'refs/tags/', COMMIT: '' }[reference.type!];
  return `${prefix}${reference.value}`;
}

/** Providers answer at `owner/name.git`; a folder is found with and without. */
function urlOf({ endpoint }: Connection, id: string): string {
  const suffix = endpoint.startsWith('file:') || id.endsWith('.git') ? '' : '.git';
  return `${endpoint.replace(/\/+$/, '')}/${id}${suffix}`;
}

/** Credentials lie in a file that git alone reads: arguments and environments can be seen by others. */
function configuration({ endpoint, password, username }: Connection): string {
  const { href, protocol } = new URL(endpoint);
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  return [
    '[safe]\n\tdirectory = *', // folders of the operator's choice, whoever owns them
    '[protocol]\n\tallow = never',
    `[protocol "${protocol.slice(0, -1)}"]\n\tallow = always`,
    '[core]\n\tbigFileThreshold = 16m\n\tpackedGitWindowSize = 32m',
    '[http]\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 60',
    ...(username === undefined ? [] : [`[http "${href}"]\n\textraHeader = Authorization: Basic ${login}`]),
  ].join('\n');
}

const PASSED_ON = ['PATH', 'http_proxy', 'https_proxy', 'no_proxy', 'GIT_SSL_CAINFO'];

function environment(folder: string): Record<string, string> {
  const own = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(own),
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: join(folder, 'config'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

function why({ signal, stderr }: CommandResult, bytes: number): string {
  if (signal === 'SIGKILL') return `it took more than ${MINUTES} minutes.`;
  if (signal === 'SIGXFSZ' || /File too large|signal 25/.test(stderr))
    return `it has more than ${bytes} bytes.`;
  const said = stderr.split('\n').filter((line) => /^(?:fatal|error|prlimit): /.test(line));
  return (said.length > 0 ? said.join(' ') : stderr).trim();
}

function refused(
  { connectionArn, fullRepositoryId, sourceReference }: DefinitionRepository,
  reason: string,
): Error {
  const at = sourceReference ? ` at ${sourceReference.type!.toLowerCase()} ${sourceReference.value}` : '';
  return new DefinitionProblem(
    `The repository ${fullRepositoryId}${at} of connection ${connectionArn} cannot be read: ${reason}`,
  );
}
