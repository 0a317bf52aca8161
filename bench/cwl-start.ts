/**
 * One trivial tool, from the start of `cwl-runner` to its exit, in the sandbox and without it, against `cwltool
 * --no-container` (from PyPI or Debian; its path in CWLTOOL). Prints the ratios of the medians; exits 1 where the sandbox
 * is below the target of 4.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Runner, runners, timeOf } from './cwl-peer.ts';

const ROUNDS = 7;
const TARGET = 4;
const TOOL = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: echo
inputs: { word: { type: string, default: hello, inputBinding: {} } }
outputs: { said: stdout }
`;

const folder = mkdtempSync(join(tmpdir(), 'cwl-start-'));
try {
  const tool = join(folder, 'echo.cwl');
  writeFileSync(tool, TOOL);
  const { peer, sandboxed, unsandboxed } = runners();
  const all = [peer, sandboxed, unsandboxed].map((runner) => ({ runner, times: [] as number[] }));
  const time = (runner: Runner) => timeOf(runner, join(folder, 'out'), [tool]);
  for (const { runner } of all) time(runner); // what is compiled once per version is compiled
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { runner, times } of all) times.push(time(runner));
  const [theirs, ...own] = all.map(({ times }) => median(times)) as [number, number, number];
  const ratios = own.map((seconds) => theirs / seconds) as [number, number];
  console.log(`one trivial tool, start to exit: cwltool ${theirs.toFixed(2)} s`);
  for (const [index, runner] of [sandboxed, unsandboxed].entries())
    console.log(`  ${runner.name}: ${own[index]!.toFixed(3)} s, ${ratios[index]!.toFixed(1)} times faster`);
  console.log(`target in the sandbox: at least ${TARGET}`);
  if (ratios[0] < TARGET) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
