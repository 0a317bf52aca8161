import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openWorld, type World } from '../../e2e/world.ts';
import { casesIn, page } from './table.ts';

/**
 * ceph/s3-tests against the embedded buckets of a server of its own:
 * node conformance/s3/run.ts PATH [--python PYTHON] [--table FILE] [what pytest takes, such as -k NAME]
 * PATH is a checkout of ceph/s3-tests, PYTHON one with its requirements.txt. With --table the answer is written there.
 */
const [path, ...rest] = process.argv.slice(2);
if (path === undefined) {
  console.error('Give the path of a checkout of ceph/s3-tests.');
  process.exit(2);
}
const python = option('--python') ?? 'python3';
const tableFile = option('--table');
const root = resolve(import.meta.dirname, '..', '..');
const world = await openWorld();
try {
  process.exitCode = run(world);
} finally {
  await world.close();
}

function option(name: string): string | undefined {
  const at = rest.indexOf(name);
  return at === -1 ? undefined : rest.splice(at, 2)[1];
}

function run({ folder, server, data, credentials }: World): number {
  const settings = join(folder, 's3tests.conf');
  const results = join(folder, 'results.xml');
  writeFileSync(settings, configuration(server.url, credentials, data));
  const tests = spawnSync(
    python,
    [
      ...['-m', 'pytest', '-q', '--tb=short', '-p', 'no:cacheprovider', `--junitxml=${results}`],
      ...['s3tests/functional/test_s3.py', 's3tests/functional/test_headers.py', ...rest],
    ],
    {
      cwd: path,
      env: { PATH: process.env['PATH'], S3TEST_CONF: settings },
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: 3_600_000,
    },
  );
  if (!existsSync(results)) return tests.status ?? 1;
  const { text, unexplained } = page(casesIn(readFileSync(results, 'utf8')));
  if (tableFile === undefined) console.log(text);
  else writeFileSync(tableFile, text);
  for (const name of unexplained) console.log(`not passed, and no reason known: ${name}`);
  return unexplained.length === 0 ? 0 : 1;
}

interface Keys {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The suite wants a user for each part that it plays; each is an account of its own here. */
function configuration(url: string, own: Keys, data: string): string {
  const { hostname, port } = new URL(url);
  const others = ['s3 alt', 's3 tenant', 'iam', 'iam root', 'iam alt root'];
  const users = [section('s3 main', own), ...others.map((name) => section(name, account(data)))];
  return [
    `[DEFAULT]\nhost = ${hostname}\nport = ${port}\nis_secure = False\nssl_verify = False\n`,
    '[fixtures]\nbucket prefix = tests-{random}-\n',
    ...users,
    '[webidentity]\n',
  ].join('\n');
}

function section(name: string, { accountId, accessKeyId, secretAccessKey }: Keys): string {
  const canonical = createHash('sha256').update(`canonical user of ${accountId}`).digest('hex');
  return [
    `[${name}]`,
    `display_name = ${accountId}`,
    `user_id = ${canonical}`,
    `email = ${accountId}@example.org`,
    `access_key = ${accessKeyId}`,
    `secret_key = ${secretAccessKey}`,
    'api_name = ',
    `tenant = testx`,
    '',
  ].join('\n');
}

function account(data: string): Keys {
  const made = spawnSync(
    process.execPath,
    [join(root, 'packages/cli/helicase.ts'), 'account', 'create', '--data', data],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  return JSON.parse(made.stdout) as Keys;
}
