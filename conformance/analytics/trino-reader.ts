import { type ChildProcess, spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_MILLISECONDS = 240_000;

/** Trino's own server, unpacked in `home`, reads the tables that clients.py made, by its Iceberg connector. */
export async function readWithTrino(
  home: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-trino-'));
  const port = await freePort();
  configure(folder, port, environment);
  const server = spawn(
    join(home, 'bin/launcher'),
    ['run', '--etc-dir', join(folder, 'etc'), '--data-dir', join(folder, 'data')],
    {
      stdio: ['ignore', 'ignore', process.env['TRINO_LOG'] ? 'inherit' : 'ignore'],
      detached: true, // with the Java process that the launcher starts
      env: { PATH: `${process.env['JAVA_HOME'] ?? ''}/bin:${process.env['PATH']}` },
    },
  );
  try {
    await started(server, port);
    await readTables((sql) => rowsOf(port, sql));
  } finally {
    if (server.exitCode === null) process.kill(-server.pid!, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

async function readTables(ask: Ask): Promise<void> {
  const same = async (name: string, sql: string, expected: unknown) => {
    const found = await ask(sql);
    assert.deepEqual(found, expected, name);
    console.log(name, 'OK', JSON.stringify(found));
  };
  await same('trino tables', 'SHOW TABLES FROM helicase.trio', [
    ['trio'],
    ['trio_genotypes'],
    ['trio_sites'],
  ]);
  await same('trino rows', 'SELECT contigname, count(*) FROM trio.trio GROUP BY 1 ORDER BY 1', [
    ['20', 982],
    ['21', 1168],
  ]);
  await same(
    'trino maps and arrays',
    `SELECT contigname, start, calls, attributes['DP'] FROM trio.trio WHERE contigname = '21' ORDER BY start LIMIT 1`,
    [['21', 10002402, [0, 1], '9']],
  );
  await same('trino time travel', `SELECT count(*) FROM trio.trio FOR VERSION AS OF BIGINT '1'`, [[1075]]);
  await same('trino snapshots', 'SELECT snapshot_id, operation FROM trio."trio$snapshots" ORDER BY 1', [
    [1, 'append'],
    [2, 'append'],
  ]);
  await same(
    'trino nested',
    `SELECT count(*) FROM vepstore.vepstore_sites WHERE any_match(annotations.vep, v -> v.symbol = 'CHEK2')`,
    [[1]],
  );
  await pruned(ask);
}

/** EXPLAIN ANALYZE tells how many splits were scanned: none where no file has the contig. */
async function pruned(ask: Ask): Promise<void> {
  const scanned = async (contig: string) => {
    const [[plan]] = (await ask(
      `EXPLAIN ANALYZE SELECT start FROM trio.trio WHERE contigname = '${contig}'`,
    )) as [[string]];
    return plan;
  };
  const [there, missing] = [await scanned('21'), await scanned('7')];
  console.log(
    'trino pruning',
    there.match(/Physical input: \S+/)?.[0],
    missing.match(/Physical input: \S+/)?.[0] ?? 'nothing read',
  );
  assert.match(there, /Physical input: [1-9]/);
  assert.doesNotMatch(missing, /Physical input: [1-9]/);
}

function configure(folder: string, port: number, environment: Readonly<Record<string, string>>): void {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION } = environment;
  const files = {
    'node.properties': ['node.environment=test', 'node.internal-address=127.0.0.1', 'node.bind-ip=127.0.0.1'],
    'jvm.config': ['-Xmx1536M', '--add-modules=jdk.incubator.vector'],
    'config.properties': [
      'coordinator=true',
      'node-scheduler.include-coordinator=true',
      `http-server.http.port=${port}`,
      `discovery.uri=http://127.0.0.1:${port}`,
      'catalog.management=static',
    ],
    'log.properties': ['io.trino=WARN'],
    'catalog/helicase.properties': [
      'connector.name=iceberg',
      'iceberg.catalog.type=rest',
      `iceberg.rest-catalog.uri=${AWS_ENDPOINT_URL}/iceberg`,
      'iceberg.rest-catalog.sigv4-enabled=true',
      'iceberg.rest-catalog.signing-name=s3tables',
      'iceberg.rest-catalog.vended-credentials-enabled=true',
      'iceberg.rest-catalog.view-endpoints-enabled=false',
      'fs.native-s3.enabled=true',
      `s3.endpoint=${AWS_ENDPOINT_URL}`,
      's3.path-style-access=true',
      `s3.region=${AWS_DEFAULT_REGION}`,
      `s3.aws-access-key=${AWS_ACCESS_KEY_ID}`,
      `s3.aws-secret-key=${AWS_SECRET_ACCESS_KEY}`,
    ],
  };
  mkdirSync(join(folder, 'etc/catalog'), { recursive: true });
  for (const [name, lines] of Object.entries(files))
    writeFileSync(join(folder, 'etc', name), `${lines.join('\n')}\n`);
}

async function started(server: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  while (Date.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/info`).catch(() => undefined);
    const isStarting = !answer?.ok || ((await answer.json()) as { starting: boolean }).starting;
    if (!isStarting && (await hasWorker(port))) return;
    await delay(500);
  }
  throw new Error('Trino did not start; TRINO_LOG=1 shows what it said');
}

/** The server is a worker of itself a moment after it said that it started. */
function hasWorker(port: number): Promise<boolean> {
  return rowsOf(port, 'SELECT count(*) FROM trio.trio').then(
    () => true,
    (error: Error) => {
      if (!error.message.includes('No nodes available')) throw error;
      return false;
    },
  );
}

interface StatementAnswer {
  readonly nextUri?: string;
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
}

/** Trino's client protocol: the answer says where it goes on. */
async function rowsOf(port: number, sql: string): Promise<readonly (readonly unknown[])[]> {
  const headers = { 'x-trino-user': 'reader', 'x-trino-catalog': 'helicase' };
  const first = { method: 'POST', body: sql, headers };
  const rows: (readonly unknown[])[] = [];
  let answer = await fetch(`http://127.0.0.1:${port}/v1/statement`, first);
  for (;;) {
    const { nextUri, data = [], error } = (await answer.json()) as StatementAnswer;
    if (error) throw new Error(`${sql}: ${error.message}`);
    rows.push(...data);
    if (!nextUri) return rows;
    answer = await fetch(nextUri, { headers });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
