import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { runCommand } from '@helicase/kernel';

const DEBIAN = '/usr/lib/postgresql';
const START_TIME = 30_000;
/** A test's database need not outlive the machine. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const ALWAYS = ['max_connections=200', 'listen_addresses='];

let server: Promise<string> | undefined;
let databases = 0;

/** The folder of PostgreSQL's programs, or undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(DEBIAN, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

/** URL of a new, empty database on this process's temporary PostgreSQL, which is started at first use, with the settings then given. */
export async function temporaryDatabase(settings: readonly string[] = FAST): Promise<string> {
  server ??= startServer(settings);
  const sockets = await server;
  const name = `test_${++databases}`;
  await withClient(urlOf(sockets, 'postgres'), (client) => client.query(`create database ${name}`));
  return urlOf(sockets, name);
}

function urlOf(sockets: string, database: string): string {
  return `postgres://postgres@/${database}?host=${encodeURIComponent(sockets)}`;
}

async function startServer(settings: readonly string[]): Promise<string> {
  const programs = postgresPrograms();
  if (!programs) throw new Error(`PostgreSQL is not installed under ${DEBIAN}`);
  const folder = mkdtempSync(join(tmpdir(), 'helicase-postgres-'));
  const owner = await serverUser();
  chownSync(folder, owner.user, owner.group);
  const data = join(folder, 'data');
  await initialize(programs, data, owner);
  const sockets = join(folder, 's');
  mkdirSync(sockets);
  chownSync(sockets, owner.user, owner.group);
  await guarded(join(programs, 'postgres'), data, sockets, folder, owner, settings);
  return sockets;
}

/** PostgreSQL refuses to run as root: then the user that Debian's package made runs it. */
async function serverUser(): Promise<{ user: number; group: number }> {
  const user = process.getuid?.() ?? 0;
  if (user !== 0) return { user, group: process.getgid?.() ?? 0 };
  const [uid, gid] = await Promise.all([idOf('-u'), idOf('-g')]);
  return { user: uid, group: gid };
}

async function idOf(flag: string): Promise<number> {
  const { code, stdout, stderr } = await runCommand('id', [flag, 'postgres']);
  if (code !== 0) throw new Error(`There is no user "postgres" to run the temporary PostgreSQL: ${stderr}`);
  return Number(stdout);
}

async function initialize(
  programs: string,
  data: string,
  owner: { user: number; group: number },
): Promise<void> {
  const args = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C', '--encoding=UTF8'];
  const child = spawn(join(programs, 'initdb'), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    uid: owner.user,
    gid: owner.group,
    timeout: START_TIME,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`initdb failed: ${errors}`);
}

async function guarded(
  program: string,
  data: string,
  sockets: string,
  folder: string,
  owner: { user: number; group: number },
  settings: readonly string[],
): Promise<void> {
  const script = fileURLToPath(new URL('./postgres-guard.ts', import.meta.url));
  const args = [script, program, data, sockets, folder, String(owner.user), String(owner.group)];
  args.push(...ALWAYS, ...settings);
  // In a group of its own, so that an interrupt from the terminal reaches the tests first.
  const guard = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  let ended = false;
  guard.on('exit', () => (ended = true));
  await answering(sockets, () => ended);
}

async function answering(sockets: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIME;
  for (;;) {
    try {
      return await withClient(urlOf(sockets, 'postgres'), (client) => client.query('select 1'));
    } catch (error) {
      if (ended() || Date.now() > deadline) {
        throw new Error('The temporary PostgreSQL did not start', { cause: error });
      }
    }
    await delay(50);
  }
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => {}); // it may never have connected
  }
}
