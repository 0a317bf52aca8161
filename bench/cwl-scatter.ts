/**
 * A scatter of 1,000 and of 5,000 echoes, two at a time, through `helicase cwl run` in the sandbox (with limits), through
 * `helicase cwl run --no-sandbox`, and through `cwltool --no-container --parallel` (plain processes as well; its path in
 * CWLTOOL), one after the other in one run. Prints the ratios of the wall times and what one echo takes at each size;
 * exits 1 where ours at the largest is less than 6 times faster in the sandbox, or 10 times without.
 * Usage: cwl-scatter.ts [COUNT ...]
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Runner, runners, timeOf } from './cwl-peer.ts';

const WORKFLOW = `cwlVersion: v1.2
class: Workflow
requirements: { ScatterFeatureRequirement: {} }
inputs: { words: "string[]" }
outputs: { said: { type: "File[]", outputSource: say/said } }
steps:
  say:
    scatter: word
    in: { word: words }
    out: [said]
    run:
      class: CommandLineTool
      requirements: { ResourceRequirement: { coresMin: ${availableParallelism() / 2}, ramMin: 128 } }
      baseCommand: echo
      inputs: { word: { type: string, inputBinding: {} } }
      outputs: { said: stdout }
`;

const { peer, sandboxed, unsandboxed } = runners();
const TARGETS = [
  { runner: sandboxed, target: 6 },
  { runner: unsandboxed, target: 10 },
];
const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1000, 5000];
const folder = mkdtempSync(join(tmpdir(), 'cwl-scatter-'));
try {
  writeFileSync(join(folder, 'scatter.cwl'), WORKFLOW);
  for (const count of counts) compare(count, count === counts.at(-1));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function compare(count: number, isLargest: boolean): void {
  const words = Array.from({ length: count }, (_, index) => `word-${index}`);
  const job = join(folder, 'job.json');
  writeFileSync(job, JSON.stringify({ words }));
  const own = TARGETS.map(({ runner, target }) => ({ runner, target, seconds: timed(runner, count, job) }));
  const theirs = timed(peer, count, job);
  console.log(`${count} echoes, two at a time: cwltool ${told(theirs, count)}`);
  for (const { runner, seconds, target } of own) {
    const ratio = theirs / seconds;
    const wanted = isLargest ? ` (target: at least ${target})` : '';
    console.log(`  ${runner.name}: ${told(seconds, count)}, ${ratio.toFixed(1)} times faster${wanted}`);
    if (isLargest && ratio < target) process.exitCode = 1;
  }
}

function told(seconds: number, count: number): string {
  return `${seconds.toFixed(1)} s (${((seconds / count) * 1000).toFixed(1)} ms each)`;
}

function timed(runner: Runner, count: number, job: string): number {
  const outdir = join(folder, 'out');
  const seconds = timeOf(runner, outdir, [join(folder, 'scatter.cwl'), job]);
  const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  if (files.length !== count) throw new Error(`${runner.name} left ${files.length} files of ${count}`);
  return seconds;
}
