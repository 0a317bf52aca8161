/**
 * A scatter of 1,000 and of 5,000 echoes, two at a time, through `helicase cwl run` (in the sandbox, with limits) against
 * `cwltool --no-container --parallel` (plain processes; its path in CWLTOOL), one after the other in one run. Prints the
 * ratios of the wall times and how both grow; exits 1 where ours is less than 6 times faster at the largest.
 * Usage: cwl-scatter.ts [COUNT ...]
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runners, timeOf } from './cwl-peer.ts';

const TARGET = 6;
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

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1000, 5000];
const folder = mkdtempSync(join(tmpdir(), 'cwl-scatter-'));
try {
  writeFileSync(join(folder, 'scatter.cwl'), WORKFLOW);
  let last = 0;
  for (const count of counts) last = compare(count);
  console.log(`target at the largest: at least ${TARGET} times faster`);
  if (last < TARGET) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function compare(count: number): number {
  const words = Array.from({ length: count }, (_, index) => `word-${index}`);
  const job = join(folder, 'job.json');
  writeFileSync(job, JSON.stringify({ words }));
  const { ours, peer } = runners();
  const own = timed(ours, count, job);
  const theirs = timed(peer, count, job);
  const each = (seconds: number) => `${((seconds / count) * 1000).toFixed(1)} ms each`;
  console.log(
    `${count} echoes, two at a time: ${own.toFixed(1)} s (${each(own)}), cwltool ${theirs.toFixed(1)} s (${each(theirs)}): ${(theirs / own).toFixed(1)} times faster`,
  );
  return theirs / own;
}

function timed(runner: Parameters<typeof timeOf>[0], count: number, job: string): number {
  const outdir = join(folder, 'out');
  const seconds = timeOf(runner, outdir, [join(folder, 'scatter.cwl'), job]);
  const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  if (files.length !== count) throw new Error(`${runner.name} left ${files.length} files of ${count}`);
  return seconds;
}
