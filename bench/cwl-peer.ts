/** What the benchmarks of CWL have in common: our runner and the reference one, from the command line to the end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Runner {
  readonly name: string;
  readonly command: readonly string[];
}

const CLI = join(import.meta.dirname, '../packages/cli/bin/helicase.mjs');

/** Tools run with this machine's programs on both sides: ours in the sandbox, the peer's as plain processes. */
export function runners(cwltool = process.env['CWLTOOL'] ?? 'cwltool'): {
  readonly ours: Runner;
  readonly peer: Runner;
} {
  return {
    ours: {
      name: 'helicase cwl run',
      command: [process.execPath, CLI, 'cwl', 'run', '--no-container', '--quiet'],
    },
    peer: { name: 'cwltool', command: [cwltool, '--no-container', '--parallel', '--quiet'] },
  };
}

/** Seconds from start to exit. */
export function timeOf({ command, name }: Runner, outdir: string, files: readonly string[]): number {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const [program, ...args] = [...command, '--outdir', outdir, ...files] as [string, ...string[]];
  const begun = performance.now();
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.slice(-2000)}`);
  return (performance.now() - begun) / 1000;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
