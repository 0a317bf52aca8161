import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, parseScript, ScriptFault, Source } from '@helicase/nextflow';
import type { NextflowCommand } from './arguments.ts';

/** Reads scripts and configurations and tells what is wrong with each. */
export function lint({ outputFormat = 'full', positionals: paths }: NextflowCommand): number {
  const tell = { full: tellText, json: tellJson }[outputFormat];
  if (!tell) throw new ScriptFault(`Faults cannot be told as "${outputFormat}". Use -output full or json.`);
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new ScriptFault(`There is no file or folder ${missing}.`);
  if (paths.length === 0) throw new ScriptFault('Name what to read: helicase nextflow lint SCRIPT|FOLDER...');
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? globSync(join(path, '**/*.{nf,config}')) : [path],
  );
  const faults = files.flatMap((file) => faultOf(file) ?? []);
  tell(faults, files.length);
  return faults.length === 0 ? 0 : 1;
}

/** Reading stops at the first fault of a file. */
function faultOf(file: string): ScriptFault | undefined {
  try {
    const source = new Source(file, readFileSync(file, 'utf8'));
    if (file.endsWith('.config')) parseConfig(source);
    else parseScript(source);
    return undefined;
  } catch (error) {
    if (error instanceof ScriptFault) return error;
    throw error;
  }
}

function tellText(faults: readonly ScriptFault[], files: number): void {
  for (const fault of faults) console.log(`Error ${fault.describe()}\n`);
  console.log(`${files} files read: ${faults.length} with errors, ${files - faults.length} without`);
}

/** With the names that Nextflow's own `lint -output json` uses. */
function tellJson(faults: readonly ScriptFault[], files: number): void {
  const errors = faults.map(({ message, position }) => ({
    ...{ filename: position?.file, startLine: position?.line, startColumn: position?.column, message },
  }));
  const filesWithErrors = faults.length;
  const summary = { errors: errors.length, filesWithErrors, filesWithoutErrors: files - filesWithErrors };
  console.log(JSON.stringify({ date: new Date().toISOString(), summary, errors }, null, 2));
}
