/** What the benchmarks of CWL have in common: our runner and the reference one, from the command line to the end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Runner {
  readonly name: string;
  readonly command: readonly string[];
}

/** The command by its name on the command line, with what it takes to start. */
export const CWL_RUNNER = join(import.meta.dirname, '../packages/cli/bin/cwl-runner');

/** Tools run with this machine's programs everywhere: in our sandbox, without it, and as the peer runs them. */
export function runners(cwltool = process.env['CWLTOOL'] ?? 'cwltool'): {
  readonly sandboxed: Runner;
  readonly unsandboxed: Runner;
  readonly peer: Runner;
} {
  return {
    sandboxed: { name: 'in the sandbox', command: [CWL_RUNNER, '--no-container', '--quiet'] },
    unsandboxed: { name: 'without it', command: [CWL_RUNNER, '--no-sandbox', '--quiet'] },
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
