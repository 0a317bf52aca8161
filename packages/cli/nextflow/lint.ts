import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, parseScript, ScriptFault, Source } from '@helicase/nextflow';

/** Reads scripts and configurations and tells what is wrong with each. */
export function lint(paths: readonly string[]): number {
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw new ScriptFault(`There is no file or folder ${missing}.`);
  if (paths.length === 0) throw new ScriptFault('Name what to read: helicase nextflow lint SCRIPT|FOLDER...');
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? globSync(join(path, '**/*.{nf,config}')) : [path],
  );
  let faults = 0;
  for (const file of files) {
    try {
      const source = new Source(file, readFileSync(file, 'utf8'));
      if (file.endsWith('.config')) parseConfig(source);
      else parseScript(source);
    } catch (error) {
      if (!(error instanceof ScriptFault)) throw error;
      faults += 1;
      console.log(`Error ${error.describe()}\n`);
    }
  }
  console.log(`${files.length} files read: ${faults} with errors, ${files.length - faults} without`);
  return faults === 0 ? 0 : 1;
}
