/**
 * Runs seen from the API: how long a fully cached rerun of 1,000 tasks takes against the run that filled the cache and
 * against `xargs -P` starting the same commands; how long CancelRun takes until the last process is gone; how long
 * StartRunBatch takes to be answered, and its 100,000 runs to be submitted.
 * `node_modules/.bin/node bench/runs.ts [cache|cancel|batch] [tasks of \`cache\`, or runs of \`batch\`]`
 * Exits 1 where a cached rerun of 1,000 tasks takes 2 s or more, the last process goes 5 s or more after CancelRun, or the
 * server has 1 GiB or more once all runs wait. How long it takes to decide which of them goes next: `queued-runs.ts`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateRunCacheResponse,
  GetBatchResponse,
  GetRunResponse,
  ListRunTasksResponse,
  StartRunBatchResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { owner, ROLE } from '../packages/workflows/testing.ts';
import { openTestRoom, type TestRoom } from '../packages/workflows/testing-room.ts';
import { registerWdl } from './workflow-runs.ts';

const [asked, size] = process.argv.slice(2);
const TASKS = Number(size ?? 1_000);
const SLEEPERS = 20;
const BATCH = Number(size ?? 100_000);
/** For 1,000 tasks and fewer. */
const CACHED_SECONDS = 2 * Math.max(1, TASKS / 1_000);
const MOST_MEBIBYTES = 1_024;

const SCATTER = `version 1.0
workflow Scatter { scatter (i in range(${TASKS})) { call say { input: i = i } } output { Array[Int] said = say.said } }
task say { input { Int i } command { echo ~{i} } output { Int said = read_int(stdout()) } runtime { cpu: 0.1 memory: "64 MiB" } }
`;
const SLEEP = `version 1.0
workflow Sleep { scatter (i in range(${SLEEPERS})) { call nap } }
task nap { command { sh -c 'trap "" TERM; sleep 27182' } runtime { cpu: 0.05 memory: "64 MiB" } }
`;
const EMPTY = 'version 1.0\nworkflow Empty { input { Int i } }\n';

const benches: Readonly<Record<string, () => Promise<void>>> = { cache, cancel, batch };
for (const [name, bench] of Object.entries(benches)) {
  if (asked === undefined || asked === name) await bench();
}

async function withRoom(
  limits: object,
  work: (room: TestRoom, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-runs-'));
  const room = await openTestRoom({ folder, owner: `bench-runs-${process.pid}`, limits });
  try {
    await room.objects.makeBucket('bucket');
    await work(room, folder);
  } finally {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(room: TestRoom, workflowId: string, members: object = {}): Promise<string> {
  const request = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', ...members };
  return (await room.call<StartRunResponse>('StartRun', request)).id!;
}

async function ended(room: TestRoom, id: string): Promise<GetRunResponse> {
  for (;;) {
    const run = await room.call<GetRunResponse>('GetRun', { id });
    if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.status!)) return run;
    await delay(10);
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
}

/** Fails the bench where there is a target and it is not reached. */
function tell(what: string, value: number, target = Infinity): void {
  const said = target === Infinity ? '' : ` (target: under ${target} s)`;
  console.log(`${what}: ${value < 0.1 ? value.toFixed(4) : value.toFixed(2)} s${said}`);
  if (value >= target) process.exitCode = 1;
}

async function cache(): Promise<void> {
  await withRoom({}, async (room) => {
    const workflow = await registerWdl(room, SCATTER);
    const { id: cacheId } = await room.call<CreateRunCacheResponse>('CreateRunCache', {
      cacheS3Location: 's3://bucket/cache',
      cacheBehavior: 'CACHE_ALWAYS',
    });
    const run = async () => {
      const { status, statusMessage } = await ended(room, await start(room, workflow, { cacheId }));
      if (status !== 'COMPLETED') throw new Error(statusMessage);
    };
    const peer = () => {
      const input = Array.from({ length: TASKS }, (_, index) => index).join('\n');
      execFileSync('xargs', ['-P2', '-n1', 'sh', '-c', 'echo $0'], {
        input,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
    };
    tell(`xargs -P2 sh -c 'echo N', ${TASKS} times, no sandbox`, await seconds(async () => peer()));
    tell(`a run of ${TASKS} tasks that fills its cache`, await seconds(run));
    tell(`the same run again, fully cached`, await seconds(run), CACHED_SECONDS);
    tell(`and once more`, await seconds(run), CACHED_SECONDS);
  });
}

async function cancel(): Promise<void> {
  await withRoom({}, async (room) => {
    const id = await start(room, await registerWdl(room, SLEEP));
    const running = async () => {
      const { items } = await room.call<ListRunTasksResponse>('ListRunTasks', { id, maxResults: 100 });
      return items!.filter(({ status }) => status === 'RUNNING').length;
    };
    const patience = performance.now() + 60_000;
    while ((await running()) < SLEEPERS || sleepers() < SLEEPERS) {
      if (performance.now() > patience) throw new Error('the tasks do not run');
      await delay(50);
    }
    const gone = await seconds(async () => {
      await room.call('CancelRun', { id });
      while (sleepers() > 0) await delay(10);
    });
    tell(`CancelRun of ${SLEEPERS} tasks that ignore SIGTERM, to the last process gone`, gone, 5);
    await ended(room, id);
  });
}

function sleepers(): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).includes('27182'))
    .length;
}

function commandOf(processId: string): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** No run works while they are submitted: two would be busy for days. */
async function batch(): Promise<void> {
  await withRoom({ activeRuns: 1 }, async (room) => {
    const nap = await registerWdl(
      room,
      'version 1.0\nworkflow W { call nap } task nap { command { sleep 27182 } }\n',
    );
    const blocking = await start(room, nap);
    while ((await room.call<GetRunResponse>('GetRun', { id: blocking })).status !== 'RUNNING')
      await delay(10);
    const workflowId = await registerWdl(room, EMPTY);
    const settings = Array.from({ length: BATCH }, (_, i) => ({ runSettingId: `s${i}`, parameters: { i } }));
    await room.objects.put(owner, 's3://bucket/settings.json', Buffer.from(JSON.stringify(settings)));
    let batchId: string | undefined;
    const answered = await seconds(async () => {
      ({ id: batchId } = await room.call<StartRunBatchResponse>('StartRunBatch', {
        defaultRunSetting: { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out' },
        batchRunSettings: { s3UriSettings: 's3://bucket/settings.json' },
      }));
    });
    tell(`StartRunBatch of ${BATCH} runs, answered`, answered);
    const get = () => room.call<GetBatchResponse>('GetBatch', { batchId });
    const submitted = await seconds(async () => {
      while (!['INPROGRESS', 'FAILED'].includes((await get()).status!)) await delay(500);
    });
    tell(`every run submitted`, submitted);
    const { failureReason, runSummary, status, submissionSummary } = await get();
    console.log(status, failureReason ?? '', JSON.stringify({ runSummary, submissionSummary }));
    const mebibytes = process.memoryUsage().rss / 2 ** 20;
    console.log(`resident memory: ${mebibytes.toFixed(0)} MiB (target: under ${MOST_MEBIBYTES} MiB)`);
    if (mebibytes >= MOST_MEBIBYTES) process.exitCode = 1;
    tell(`GetBatch`, await seconds(async () => void (await get())));
    const cancelled = await seconds(async () => {
      await room.call('CancelRunBatch', { batchId });
      while ((await get()).status !== 'CANCELLED') await delay(500);
    });
    tell(`CancelRunBatch of ${BATCH} waiting runs, to CANCELLED`, cancelled);
    await room.call('CancelRun', { id: blocking });
    await ended(room, blocking);
  });
}
