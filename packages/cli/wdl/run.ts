import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EngineFailureError, type LanguageResult } from '@helicase/runtime';
import { runDefinition, type RunOptions } from '@helicase/wdl';
import { localHost, type LocalImages, terminalLog } from '../local/host.ts';
import { clearProgress, withProgress } from '../local/progress.ts';
import { inRunFolder } from '../local/run-folder.ts';

export interface WdlRunFlags extends Pick<RunOptions, 'lenient' | 'task'> {
  /** A JSON file of parameters. */
  readonly inputs?: string;
  readonly outdir: string;
  readonly quiet: boolean;
  readonly sandbox: boolean;
  readonly images?: LocalImages;
  /** Where tasks stay, so that the next run takes those that finished from there. */
  readonly resume?: string;
}

/** `helicase wdl run FILE`: the outputs as JSON on standard output, what went wrong on standard error. */
export async function wdlRun(file: string, flags: WdlRunFlags): Promise<number> {
  const parameters = flags.inputs === undefined ? {} : await readInputs(flags.inputs);
  return inRunFolder('wdl', async (directory, signal) => {
    const { images, quiet, resume, sandbox } = flags;
    if (resume !== undefined) await mkdir(resume, { recursive: true });
    const host = localHost({
      ...{ language: 'wdl', directory, log: terminalLog(quiet), sandbox },
      ...(images && { images }),
      ...(resume !== undefined && { resume: resolve(resume) }),
    });
    const run = {
      ...{ definition: '/', main: resolve(file).slice(1), parameters, runDirectory: directory, signal },
      host: quiet ? host : withProgress(host, process.stderr),
    };
    try {
      const result = await runDefinition(run, { ...flags, inputsFolder: process.cwd() });
      clearProgress(process.stderr);
      console.log(JSON.stringify(await deliver(result, resolve(flags.outdir)), undefined, 2));
      return 0;
    } catch (error) {
      clearProgress(process.stderr);
      return complain(error);
    }
  });
}

async function readInputs(path: string): Promise<Readonly<Record<string, unknown>>> {
  const inputs: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs))
    throw new Error(`${path} must hold one JSON object of inputs`);
  return inputs as Readonly<Record<string, unknown>>;
}

/** Copies the output files below the folder and answers the outputs with their paths. */
async function deliver({ files, outputs }: LanguageResult, outdir: string): Promise<unknown> {
  const places = new Map<string, string>();
  for (const { key, path } of files) {
    const place = join(outdir, key);
    await mkdir(dirname(place), { recursive: true });
    await cp(path, place, { recursive: true, dereference: true });
    places.set(key, place);
  }
  return located(outputs, places);
}

function located(value: unknown, places: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return places.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => located(item, places));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, located(item, places)]));
}

function complain(error: unknown): number {
  console.error(`helicase wdl: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof EngineFailureError && error.failure.logTail) console.error(error.failure.logTail);
  return 1;
}
