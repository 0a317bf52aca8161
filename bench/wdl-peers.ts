/**
 * A scatter of `true`, two at a time, by `helicase wdl run` and by others, like beside like, in one run:
 *
 *     node_modules/.bin/node bench/wdl-peers.ts [--stop] [--plain] path/to/miniwdl path/to/cwltool IMAGE [TASKS ...]
 *
 * - In a sandbox with a control group and limits: ours, beside miniwdl and cwltool (PyPI) in podman's containers of IMAGE
 *   (one with bash in podman's storage), and `xargs -P2` starting our sandbox. miniwdl once more with a program in podman's
 *   place that starts bubblewrap alone, without group and limits: so much of the difference is the containers'.
 * - As plain processes: cwltool with `--no-container` beside `helicase cwl run --no-sandbox` of the same document. It is told
 *   as well what a workflow in WDL takes beside that, each of whose commands is a script of bash, without a sandbox and in
 *   it. miniwdl has no such way. With --plain this part alone.
 *
 * TASKS are 1000 and 10000 unless told. The peers run with the first number alone; with --stop with each, and a peer is
 * stopped once it has taken more than 5 times as long as ours, which is all that the target asks (10,000 tasks take some of
 * them hours). Exits 1 where ours is not 5 times faster than miniwdl and cwltool in containers, or without a sandbox not
 * 5 times faster than cwltool without containers of the same document, or where a task among more takes more than 1.3
 * times as long as among the first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeScatterPeer } from './scatter-peer.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { stop: { type: 'boolean' }, plain: { type: 'boolean' } },
});
const [miniwdl, cwltool, image, ...given] = positionals;
if (miniwdl === undefined || cwltool === undefined || image === undefined)
  throw new Error(
    'node bench/wdl-peers.ts [--stop] [--plain] path/to/miniwdl path/to/cwltool IMAGE [TASKS ...]',
  );
const [FIRST, ...MORE] = (given.length > 0 ? given : ['1000', '10000']).map(Number) as [number, ...number[]];
/** How many times faster than a peer. */
const TARGET = 5;
/** How much longer a task may take among more of them. */
const LINEAR = 1.3;
const AT_ONCE = 2;
const MEBIBYTES = 64;

const WORKFLOW = `version 1.0
workflow Scatter {
  input { Int tasks }
  scatter (number in range(tasks)) { call nothing }
}
task nothing {
  command { true }
  runtime { cpu: 1 memory: "${MEBIBYTES} MiB" docker: "${image}" }
}
`;

/** cwltool starts as many at once as fit the machine's cores. */
const TOOL = `cwlVersion: v1.2
class: Workflow
requirements: { ScatterFeatureRequirement: {} }
inputs: { numbers: "int[]" }
outputs: {}
steps:
  nothing:
    scatter: number
    in: { number: numbers }
    out: []
    run:
      class: CommandLineTool
      hints: { DockerRequirement: { dockerPull: "${image}" } }
      requirements:
        ResourceRequirement: { coresMin: ${availableParallelism() / AT_ONCE}, ramMin: ${MEBIBYTES} }
      baseCommand: "true"
      inputs: { number: int }
      outputs: {}
`;

/** The image is there: nothing to pull. Limits that podman would raise are left as this machine has them. */
const PODMAN = `#!/bin/bash
podman=${execFileSync('sh', ['-c', 'command -v podman'], { encoding: 'utf8' }).trim()}
case "$1" in images | inspect) exec $podman "$@" ;; run) shift ;; *) exit 0 ;; esac
[[ "$*" == *--net=none* ]] || set -- --network none "$@"
for word; do [ "$word" = --userns=keep-id ] || words+=("$word"); done # refused where root starts it
exec $podman --runtime runc run --ulimit nofile=10000:10000 --ulimit nproc=1000:1000 "\${words[@]}"
`;

/** In podman's place: \`run [options] IMAGE COMMAND...\` starts a sandbox with the same mounts. */
const SANDBOX = `#!/bin/bash
[ "$1" = run ] || exit 0
shift; work=/; binds=()
while [[ "$1" == -* ]]; do
  case "$1" in
    --rm) shift ;;
    --workdir) work=$2; shift 2 ;;
    -v) IFS=: read -r from to mode <<< "$2"
      if [ "$mode" = ro ]; then binds+=(--ro-bind "$from" "$to"); else binds+=(--bind "$from" "$to"); fi; shift 2 ;;
    *) shift 2 ;;
  esac
done
shift
exec bwrap --unshare-all --die-with-parent --ro-bind /usr /usr --ro-bind /bin /bin --ro-bind /lib /lib \\
  --ro-bind /lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp --tmpfs /mnt "\${binds[@]}" --chdir "$work" "$@"
`;

/** In memory: ext4 without a journal lets each program pay for what the last one removed (`runtime/spare-folders.ts`). */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wdl-peers-'));
writeFileSync(join(folder, 'scatter.wdl'), WORKFLOW);
writeFileSync(join(folder, 'scatter.cwl'), TOOL);
writeFileSync(join(folder, 'podman'), PODMAN, { mode: 0o755 });
writeFileSync(join(folder, 'sandbox'), SANDBOX, { mode: 0o755 });

/** Ours: the arguments, and what they are called here. */
const OURS = {
  sandbox: ['wdl', 'run', '--no-container'],
  plain: ['wdl', 'run', '--no-sandbox'],
  document: ['cwl', 'run', '--no-sandbox'],
} as const;
type Manner = keyof typeof OURS;
type Seconds = Partial<Record<Manner, number>>;

interface Peer {
  readonly name: string;
  /** What of ours it stands beside. */
  readonly beside: Manner;
  readonly target: boolean;
  run(tasks: number, longest?: number): number;
}

const IN_CONTAINERS: readonly Peer[] = [
  { name: 'miniwdl in podman', beside: 'sandbox', target: true, run: (...of) => runMiniwdl('podman', ...of) },
  {
    name: 'miniwdl in a sandbox',
    beside: 'sandbox',
    target: false,
    run: (...of) => runMiniwdl('sandbox', ...of),
  },
  {
    name: 'cwltool in podman',
    beside: 'sandbox',
    target: true,
    run: (...of) => runCwltool('--podman', ...of),
  },
];
const PLAIN: Peer = {
  ...{ name: 'cwltool without containers', beside: 'document', target: true },
  run: (...of) => runCwltool('--no-container', ...of),
};

try {
  // The first after a change of the sources makes the bundle that the others start from.
  for (const manner of ['plain', 'document'] as const) scatter(manner, 1);
  const first = await measure(FIRST, true);
  for (const tasks of MORE) {
    const more = await measure(tasks, values.stop === true);
    for (const manner of Object.keys(more) as Manner[])
      tellLinear(manner, tasks, more[manner]!, first[manner]!);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of ours, in each manner that was asked for. */
async function measure(tasks: number, withPeers: boolean): Promise<Seconds> {
  const manners: readonly Manner[] = values.plain ? ['document', 'plain'] : ['document', 'plain', 'sandbox'];
  const ours: Seconds = Object.fromEntries(manners.map((manner) => [manner, runOurs(manner, tasks)]));
  if (!withPeers) return ours;
  if (ours.sandbox !== undefined) await tellXargs(tasks, ours.sandbox);
  for (const peer of [...(values.plain ? [] : IN_CONTAINERS), PLAIN]) attempt(peer, tasks, ours);
  return ours;
}

async function tellXargs(tasks: number, ours: number): Promise<void> {
  const argv = ['bash', '-c', 'true'];
  const directory = join(folder, 'xargs');
  const xargs = await makeScatterPeer({ directory, argv, memoryBytes: MEBIBYTES * 2 ** 20 });
  const taken = await xargs.run(tasks, AT_ONCE);
  tell(`xargs -P${AT_ONCE}`, tasks, taken, `our sandbox takes ${(ours / taken).toFixed(2)} times as long`);
}

/** A peer that fails costs its own figure, and no other's. */
function attempt(peer: Peer, tasks: number, ours: Seconds): void {
  try {
    compare(peer, tasks, ours);
  } catch (error) {
    console.log(`${peer.name}: ${tasks} tasks: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function compare(peer: Peer, tasks: number, ours: Seconds): void {
  const own = ours[peer.beside]!;
  const longest = values.stop ? own * (TARGET + 0.1) : undefined;
  const taken = peer.run(tasks, longest);
  const stopped = longest !== undefined && taken >= longest ? 'stopped there, ' : '';
  const wanted = peer.target ? ` (target: at least ${TARGET})` : '';
  const others = (Object.keys(ours) as Manner[]).filter((manner) => manner !== peer.beside);
  const facts = others.map((manner) => `${(taken / ours[manner]!).toFixed(1)} times ${nameOf(manner)}`);
  const times = `${(taken / own).toFixed(1)} times ${nameOf(peer.beside)}${wanted}`;
  tell(peer.name, tasks, taken, `${stopped}${[times, ...facts].join(', ')}`);
  if (peer.target && taken / own < TARGET) process.exitCode = 1;
}

function nameOf(manner: Manner): string {
  return `ours ${OURS[manner].join(' ')}`;
}

function tellLinear(manner: Manner, tasks: number, taken: number, first: number): void {
  const each = taken / tasks / (first / FIRST);
  console.log(
    `${nameOf(manner)}: a task among ${tasks} takes ${each.toFixed(2)} times as long as one among ${FIRST} (target: at most ${LINEAR})`,
  );
  if (each > LINEAR) process.exitCode = 1;
}

function tell(name: string, tasks: number, taken: number, more?: string): void {
  const each = ((taken / tasks) * 1000).toFixed(1);
  console.log(`${name}: ${tasks} tasks in ${taken.toFixed(1)} s, ${each} ms each${more ? `: ${more}` : ''}`);
}

function runOurs(manner: Manner, tasks: number): number {
  const taken = scatter(manner, tasks);
  tell(nameOf(manner), tasks, taken);
  return taken;
}

function scatter(manner: Manner, tasks: number): number {
  const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'helicase');
  writeInputs(tasks);
  const cwl = ['--outdir', 'helicase', 'scatter.cwl', 'numbers.json'];
  const files = manner === 'document' ? cwl : ['-i', 'inputs.json', 'scatter.wdl'];
  return seconds(helicase, [...OURS[manner], '--quiet', ...files], {});
}

function writeInputs(tasks: number): void {
  const numbers = Array.from({ length: tasks }, (_, number) => number);
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify({ 'Scatter.tasks': tasks }));
  writeFileSync(join(folder, 'numbers.json'), JSON.stringify({ numbers }));
}

function runMiniwdl(starter: 'podman' | 'sandbox', tasks: number, longest?: number): number {
  const flags = ['--no-color', '-d', join(folder, `miniwdl-${starter}`), 'scatter.wdl', `tasks=${tasks}`];
  const environment = {
    MINIWDL__SCHEDULER__CONTAINER_BACKEND: 'podman',
    MINIWDL__PODMAN__EXE: JSON.stringify([join(folder, starter)]),
    MINIWDL__SCHEDULER__TASK_CONCURRENCY: String(AT_ONCE),
  };
  return seconds(miniwdl!, ['run', ...flags], environment, longest);
}

/** Its `--podman` calls the program of that name on the path: ours that passes the machine's limits on. */
function runCwltool(how: '--podman' | '--no-container', tasks: number, longest?: number): number {
  writeInputs(tasks);
  const flags = ['--parallel', '--quiet', how, '--outdir', 'cwltool', 'scatter.cwl', 'numbers.json'];
  return seconds(cwltool!, flags, { PATH: `${folder}:${process.env['PATH']}` }, longest);
}

/** What it took, to its end or until it was stopped. */
function seconds(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
  longest?: number,
): number {
  const begun = performance.now();
  // timeout(1) ends the whole process group: containers' helpers would keep our pipes open otherwise.
  const limited = longest === undefined ? [] : ['timeout', '--kill-after=5', String(Math.ceil(longest))];
  const [first, ...rest] = [...limited, program, ...args] as [string, ...string[]];
  const options = {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...environment },
    maxBuffer: 2 ** 30,
  };
  const { error, signal, status, stderr } = spawnSync(first, rest, options);
  if (error) throw error;
  // 124, or killed together with its group.
  const isStopped = longest !== undefined && (status === 124 || signal === 'SIGKILL');
  if (isStopped) return (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.toString().slice(-2000)}`);
  return (performance.now() - begun) / 1000;
}
