/**
 * A scatter of `true`, two at a time, by `helicase wdl run` in its sandbox, by miniwdl (PyPI) in podman's containers, by
 * cwltool (PyPI) in the same and without any, and by `xargs -P2` starting our sandbox, in one run:
 *
 *     node_modules/.bin/node bench/wdl-peers.ts [--stop] path/to/miniwdl path/to/cwltool IMAGE [tasks, 1000 unless told]
 *
 * IMAGE is one with bash in podman's storage. Since miniwdl has no way without containers, it is measured once more
 * with a program in podman's place that starts bubblewrap alone, without the control group and limits that ours and
 * xargs' sandboxes have: so much of the difference is the containers'. cwltool without containers starts plain processes, with neither sandbox nor limits. Then ours alone
 * with ten times the tasks. Exits 1 where ours is not at least 5 times faster than miniwdl in its containers and than
 * cwltool without any, or ten times the tasks take more than 13 times as long.
 *
 * With --stop a peer is stopped once it has taken more than 5 times as long as ours, which is all that the target asks
 * (10,000 tasks take the peers hours), and nothing is run with ten times the tasks.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeScatterPeer } from './scatter-peer.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { stop: { type: 'boolean' } } });
const [miniwdl, cwltool, image, count = '1000'] = positionals;
if (miniwdl === undefined || cwltool === undefined || image === undefined)
  throw new Error('node bench/wdl-peers.ts path/to/miniwdl path/to/cwltool IMAGE [tasks]');
const TASKS = Number(count);
const TARGET = 5;
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

const folder = mkdtempSync(join(tmpdir(), 'wdl-peers-'));
writeFileSync(join(folder, 'scatter.wdl'), WORKFLOW);
writeFileSync(join(folder, 'scatter.cwl'), TOOL);
writeFileSync(join(folder, 'podman'), PODMAN, { mode: 0o755 });
writeFileSync(join(folder, 'sandbox'), SANDBOX, { mode: 0o755 });

try {
  const xargs = await makeScatterPeer({
    directory: join(folder, 'xargs'),
    argv: ['bash', '-c', 'true'],
    memoryBytes: MEBIBYTES * 2 ** 20,
  });
  const xargsSeconds = await xargs.run(TASKS, AT_ONCE);
  console.log(`xargs -P${AT_ONCE}: ${TASKS} tasks in ${xargsSeconds.toFixed(1)} s`);
  const ours = runOurs(TASKS);
  console.log(
    `helicase wdl run: ${TASKS} tasks in ${ours.toFixed(1)} s, ${(ours / xargsSeconds).toFixed(2)} times xargs`,
  );
  const longest = values.stop ? ours * (TARGET + 0.1) : undefined;
  const compare = (name: string, target: boolean, run: (longest: number | undefined) => number) => {
    const taken = run(longest);
    const stopped = longest !== undefined && taken >= longest ? ', and was stopped' : '';
    const wanted = target ? ` (target: at least ${TARGET})` : '';
    console.log(
      `${name}: ${TASKS} tasks in ${taken.toFixed(1)} s${stopped}, ${(taken / ours).toFixed(1)} times ours${wanted}`,
    );
    if (target && taken / ours < TARGET) process.exitCode = 1;
  };
  compare('miniwdl in podman', true, (most) => runMiniwdl(TASKS, 'podman', most));
  compare('miniwdl in a sandbox', false, (most) => runMiniwdl(TASKS, 'sandbox', most));
  compare('cwltool in podman', true, (most) => runCwltool(TASKS, '--podman', most));
  compare('cwltool without containers', true, (most) => runCwltool(TASKS, '--no-container', most));
  if (!values.stop) {
    const tenfold = runOurs(TASKS * 10);
    console.log(
      `helicase wdl run: ${TASKS * 10} tasks in ${tenfold.toFixed(1)} s, ${(tenfold / ours).toFixed(1)} times those of ${TASKS} (target: at most 13)`,
    );
    if (tenfold / ours > 13) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runOurs(tasks: number): number {
  const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
  writeFileSync(join(folder, 'inputs.json'), JSON.stringify({ 'Scatter.tasks': tasks }));
  const flags = ['--no-container', '--quiet', '-i', 'inputs.json', 'scatter.wdl'];
  return seconds(process.execPath, [helicase, 'wdl', 'run', ...flags], {});
}

function runMiniwdl(tasks: number, starter: 'podman' | 'sandbox', longest: number | undefined): number {
  const flags = ['--no-color', '-d', join(folder, `miniwdl-${starter}`), 'scatter.wdl', `tasks=${tasks}`];
  const environment = {
    MINIWDL__SCHEDULER__CONTAINER_BACKEND: 'podman',
    MINIWDL__PODMAN__EXE: JSON.stringify([join(folder, starter)]),
    MINIWDL__SCHEDULER__TASK_CONCURRENCY: String(AT_ONCE),
  };
  return seconds(miniwdl!, ['run', ...flags], environment, longest);
}

/** Its `--podman` calls the program of that name on the path: ours that passes the machine's limits on. */
function runCwltool(tasks: number, how: '--podman' | '--no-container', longest: number | undefined): number {
  const numbers = Array.from({ length: tasks }, (_, number) => number);
  writeFileSync(join(folder, 'numbers.json'), JSON.stringify({ numbers }));
  const flags = [
    '--parallel',
    '--quiet',
    how,
    '--outdir',
    join(folder, 'cwltool'),
    'scatter.cwl',
    'numbers.json',
  ];
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
  const options = { cwd: folder, env: { ...process.env, ...environment }, maxBuffer: 2 ** 30 };
  const { error, signal, status, stderr } = spawnSync(first, rest, options);
  if (error) throw error;
  // 124, or killed together with its group.
  const isStopped = longest !== undefined && (status === 124 || signal === 'SIGKILL');
  if (isStopped) return (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr.toString().slice(-2000)}`);
  return (performance.now() - begun) / 1000;
}
