/**
 * `npm run test:crash-run -- [MOMENTS] [SEED]`: kill -9 of the server, of a run's engine or of a task's backend process at
 * seeded moments of runs of fifty tasks, up to ten moments a run; a backend process is a task's bubblewrap or its launcher. Each run must complete, with the outputs of an unharmed run,
 * and no task whose result was committed may run again. Prints each moment; exits 1 at the first that does not hold.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const MOMENTS = Number(process.argv[2] ?? 100);
const SEED = Number(process.argv[3] ?? 5);
const MOMENTS_A_RUN = 10;
const TASKS = 50;
/** Milliseconds. */
const LONGEST_PAUSE = 300;

const WORKFLOW = `version 1.0
workflow Fifty {
  call make
  scatter (number in range(${TASKS - 2})) { call shout { input: text = make.text, number = number } }
  call join { input: parts = shout.loud }
  output { File all = join.all }
}
task make {
  command <<< sleep 0.2; echo a quiet word > text.txt >>>
  output { File text = "text.txt" }
  runtime { cpu: 0.1 memory: "64 MiB" }
}
task shout {
  input { File text Int number }
  command <<< sleep 0.2; tr a-z A-Z < ~{text} > loud.txt; echo ~{number} >> loud.txt >>>
  output { File loud = "loud.txt" }
  runtime { cpu: 0.1 memory: "64 MiB" }
}
task join {
  input { Array[File] parts }
  command <<< cat ~{sep=" " parts} > all.txt >>>
  output { File all = "all.txt" }
  runtime { cpu: 0.1 memory: "64 MiB" }
}
`;
const EXPECTED = Array.from({ length: TASKS - 2 }, (_, number) => `A QUIET WORD\n${number}\n`).join('');

type Victim = 'server' | 'engine' | 'backend';

/** Numerical Recipes' linear congruential generator: the same moments for the same seed. */
let state = SEED >>> 0;
const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
const oneOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;

const folder = mkdtempSync(join(tmpdir(), 'crash-run-'));
const definition = join(folder, 'fifty.wdl');
writeFileSync(definition, WORKFLOW);
let moment = 0;
try {
  for (let run = 1; moment < MOMENTS; run += 1) await harmRun(join(folder, `run-${run}`), run);
  tell(`${moment} moments, seed ${SEED}: every run completed as an unharmed one does`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One run from its start to its end, harmed on the way: each time when so many of its tasks are committed, and a little later. */
async function harmRun(home: string, number: number): Promise<void> {
  const owner = `crash-run-${process.pid}-${number}`;
  let server = await startServer(home, owner, ['start', definition]);
  const lost = { engine: 0, backend: 0 };
  const committed = new Map<string, number>();
  const points = Array.from({ length: MOMENTS_A_RUN }, () => random() * TASKS).toSorted((a, b) => a - b);
  for (const point of points.slice(0, MOMENTS - moment)) {
    while (!server.ended() && remember(home, committed) < Math.floor(point)) await delay(20);
    await delay(random() * LONGEST_PAUSE);
    // A third lost engine in one server's hands fails a run, and so does a task's fourth loss, by design.
    const engine: Victim[] = lost.engine < 2 ? ['engine'] : [];
    const backend: Victim[] = lost.backend < 3 ? ['backend'] : [];
    const victim = oneOf<Victim>(['server', ...engine, ...backend]);
    if (!(await killed(victim, server))) break;
    moment += 1;
    tell(`${moment}: run ${number}, ${remember(home, committed)} tasks committed, ${victim}`);
    if (victim !== 'server') {
      lost[victim] += 1;
      continue;
    }
    await server.exit;
    lost.engine = lost.backend = 0;
    server = await startServer(home, owner, ['resume']);
  }
  assert.equal(await server.end, 'COMPLETED', `run ${number} with seed ${SEED}`);
  await server.exit;
  checkTasks(home, committed);
  const outputs = join(home, 'buckets/bucket/out');
  const [id] = readdirSync(outputs);
  assert.equal(readFileSync(join(outputs, id!, 'out/all/all.txt'), 'utf8'), EXPECTED);
}

interface Server {
  readonly process: ChildProcess;
  /** The run's last status, when it has one. */
  readonly end: Promise<string>;
  /** What it says last may be read after it has ended: who waits only then would wait for ever. */
  readonly exit: Promise<unknown>;
  ended(): boolean;
}

async function startServer(home: string, owner: string, how: readonly string[]): Promise<Server> {
  const entry = join(import.meta.dirname, 'testing-crash-server.ts');
  const child = spawn(process.execPath, [entry, home, owner, ...how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = Promise.withResolvers<void>();
  const end = Promise.withResolvers<string>();
  let ended = false;
  void (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'ready') ready.resolve();
      const [, status] = /^ended (\w+)$/.exec(line) ?? [];
      if (status === undefined) continue;
      ended = true;
      end.resolve(status);
    }
  })();
  const exit = once(child, 'exit');
  child.once('exit', () => ready.reject(new Error('the server ended before it was ready')));
  await ready.promise;
  return { process: child, end: end.promise, exit, ended: () => ended };
}

/** Tasks that are COMPLETED now, with the number of their starts. Read beside the server: SQLite lets readers in. */
function tasksOf(
  home: string,
): readonly { readonly id: string; readonly status: string; readonly starts: number }[] {
  const database = new DatabaseSync(join(home, 'records.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('select id, status, doc from task').all() as {
      id: string;
      status: string;
      doc: string;
    }[];
    return rows.map(({ doc, id, status }) => ({
      id,
      status,
      starts: (JSON.parse(doc) as { starts: number }).starts,
    }));
  } finally {
    database.close();
  }
}

/** How many are committed by now. */
function remember(home: string, committed: Map<string, number>): number {
  for (const { id, starts, status } of tasksOf(home)) if (status === 'COMPLETED') committed.set(id, starts);
  return committed.size;
}

function checkTasks(home: string, committed: ReadonlyMap<string, number>): void {
  const tasks = tasksOf(home);
  assert.equal(tasks.length, TASKS, 'one row a task');
  for (const { id, starts, status } of tasks) {
    assert.equal(status, 'COMPLETED');
    if (committed.has(id))
      assert.equal(starts, committed.get(id), `task ${id} ran again after its result was committed`);
  }
}

/** The first such process from this moment on; false where the run ended before there was one. */
async function killed(victim: Victim, server: Server): Promise<boolean> {
  for (; !server.ended(); await delay(5)) if (kill(victim, server.process.pid!)) return true;
  return false;
}

function kill(victim: Victim, server: number): boolean {
  const found = candidates(victim, server);
  if (found.length === 0) return false;
  try {
    return process.kill(oneOf(found), 'SIGKILL');
  } catch {
    return false; // it has just ended
  }
}

/** A task's sandbox is started by the server's launcher, or by the server itself until that is compiled. */
function candidates(victim: Victim, server: number): readonly number[] {
  if (victim === 'server') return [server];
  const children = childrenOf(server);
  const named = (ids: readonly number[], name: RegExp) => ids.filter((id) => name.test(commandLine(id)));
  if (victim === 'engine') return named(children, /engine\/main\.ts/);
  const launchers = named(children, /\/launcher-/);
  const sandboxes = named([...children, ...launchers.flatMap(childrenOf)], /^bwrap /);
  // A launcher with nothing in it is no task's.
  return [...sandboxes, ...launchers.filter((id) => childrenOf(id).length > 0)];
}

/** Of all its threads; quick, for tasks are short. */
function childrenOf(parent: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${parent}/task`);
    const lists = threads.map((thread) =>
      readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').split(' '),
    );
    return lists.flat().filter(Boolean).map(Number);
  } catch {
    return []; // it has just ended
  }
}

function commandLine(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
