import { readFile } from 'node:fs/promises';
import { mustBeThere } from '../local/given-files.ts';
import { UsageError } from '../usage-error.ts';

export interface CwlFlags {
  readonly outdir?: string;
  readonly quiet?: boolean;
  readonly noContainer?: boolean;
  readonly noSandbox?: boolean;
  readonly images?: string;
  readonly json?: boolean;
  readonly version?: boolean;
}

/** `helicase cwl VERB ...`. Each verb's code is loaded when it is called. */
export async function cwlVerb(flags: CwlFlags, positionals: readonly string[]): Promise<number> {
  if (flags.version === true) return printVersion();
  const [verb, file, job] = positionals;
  if (file === undefined)
    throw new UsageError(`helicase cwl ${verb ?? 'run'} needs the file of a tool or workflow.`);
  const files = positionals.slice(1);
  switch (verb) {
    case 'run':
      mustBeThere(files);
      return (await import('./run.ts')).cwlRun(file, job, runFlags(flags));
    case 'check':
      mustBeThere(files);
      return (await import('./check.ts')).cwlCheck(files);
    case 'graph':
      mustBeThere([file]);
      return (await import('./graph.ts')).cwlGraph(file, flags.json === true);
    default:
      throw new UsageError(`helicase cwl has the verbs run, check and graph, not ${verb}.`);
  }
}

function runFlags({ images, noContainer, noSandbox, outdir = '.', quiet = false }: CwlFlags) {
  const without = noSandbox === true ? '--no-sandbox' : noContainer === true ? '--no-container' : undefined;
  if (without !== undefined && images !== undefined)
    throw new UsageError(`${without} and --images contradict each other.`);
  const folder = images === undefined ? {} : { folder: images };
  return { outdir, quiet, sandbox: noSandbox !== true, ...(without === undefined && { images: folder }) };
}

async function printVersion(): Promise<number> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  console.log(`helicase cwl-runner ${(JSON.parse(text) as { version: string }).version}`);
  return 0;
}
