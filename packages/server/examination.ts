import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { wrappedRootKeyFile } from '@helicase/blobs';
import { runCommand, silentLog, systemClock } from '@helicase/kernel';
import { dataDirectory } from './data-directory.ts';
import { hostEncryption } from './host-encryption.ts';
import { makeBackends } from './backends.ts';
import { STORED_KINDS, type StoredKind } from './sealing-list.ts';

export interface Check {
  readonly name: string;
  /** `note`: works without, said so that nobody wonders. */
  readonly status: 'ok' | 'note' | 'missing';
  readonly detail: string;
}
export interface Examination {
  readonly checks: readonly Check[];
  readonly stored: readonly StoredKind[];
}

const GIBIBYTE = 1024 ** 3;

/** What `helicase doctor` tells: tools, backends, keys, disk. Changes nothing. */
export async function examine(data: string, environment: NodeJS.ProcessEnv): Promise<Examination> {
  const root = resolve(data);
  const tools = ['samtools', 'bcftools', 'bgzip', 'tabix'].map((program) => tool(program, 'missing'));
  const checks = await Promise.all([
    nodeVersion(),
    ...tools,
    tool('gcc', 'note'),
    tool('git', 'note'),
    ...backends(root),
    disk(root),
    rootKey(root, environment),
    encryption(root),
  ]);
  return { checks, stored: STORED_KINDS };
}

async function nodeVersion(): Promise<Check> {
  const enough = Number(process.versions.node.split('.')[0]) >= 24;
  return {
    name: 'Node',
    status: enough ? 'ok' : 'missing',
    detail: `${process.version}${enough ? '' : '; 24 or later is needed: npm ci brings it'}`,
  };
}

/** What happens without a program that the server can do without. */
const WITHOUT: Readonly<Record<string, string>> = {
  gcc: 'the samtools pipeline serves instead of the one-pass reader',
  git: 'workflows’ definitions cannot be taken from Git repositories',
};

async function tool(program: string, absent: 'missing' | 'note'): Promise<Check> {
  const why = WITHOUT[program] ?? `apt-get install ${program === 'bgzip' ? 'tabix' : program}`;
  try {
    const { stdout } = await runCommand(program, ['--version'], { timeout: 10_000 });
    return { name: program, status: 'ok', detail: stdout.split('\n')[0] ?? '' };
  } catch {
    return { name: program, status: absent, detail: `not found; ${why}` };
  }
}

function backends(root: string): readonly Promise<Check>[] {
  return makeBackends(dataDirectory(root), {
    clock: systemClock,
    log: silentLog,
    registries: {},
    imageSources: [],
  }).map(async (backend) => {
    const reason = await backend.unavailable();
    return {
      name: `backend ${backend.name}`,
      status: reason ? 'note' : 'ok',
      detail: reason ?? 'works',
    } as const;
  });
}

async function disk(root: string): Promise<Check> {
  let folder = root;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / GIBIBYTE;
  return {
    name: 'disk',
    status: free < 1 ? 'note' : 'ok',
    detail: `${free.toFixed(1)} GiB free at ${folder}`,
  };
}

async function rootKey(root: string, environment: NodeJS.ProcessEnv): Promise<Check> {
  const name = 'root key';
  if (environment['HELICASE_ROOT_KEY'])
    return { name, status: 'ok', detail: 'from HELICASE_ROOT_KEY, not on this disk' };
  const { rootKey: file } = dataDirectory(root);
  const wrapped = wrappedRootKeyFile(file);
  if (existsSync(wrapped))
    return { name, status: 'ok', detail: `${wrapped}, wrapped under a key that is not on this machine` };
  if (!existsSync(file))
    return { name, status: 'note', detail: `not made yet; the first start writes ${file}` };
  const open = (statSync(file).mode & 0o077) !== 0;
  if (open) return { name, status: 'missing', detail: `${file} is readable by others: chmod 600 it` };
  return {
    name,
    status: 'ok',
    detail: `${file}, readable by the owner only; keep a copy where the data is not`,
  };
}

async function encryption(root: string): Promise<Check> {
  const detail = {
    encrypted: 'the data directory lies on dm-crypt: what the host protects is encrypted too',
    'not seen':
      'no dm-crypt below the data directory: what is marked "host" below lies plain unless the disk itself encrypts',
    unknown: 'this system does not tell',
  };
  const found = hostEncryption(root);
  return { name: 'disk encryption', status: found === 'encrypted' ? 'ok' : 'note', detail: detail[found] };
}
