/**
 * Parses and type-checks every WDL file below the given folders: `npm run conformance:wdl-corpora -- PATH...`. Imports
 * lead anywhere within their folder. Prints the errors that `corpora.json` does not list and exits with 1 where there
 * are any; `--write` writes the list anew.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkDefinition, definitionFolder, type Diagnostic, formatDiagnostic } from '@helicase/wdl';

/** A true fault of a file: where it is and what. */
interface Fault {
  readonly at: string;
  readonly fault: string;
}

const LIST = join(import.meta.dirname, 'corpora.json');

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' } },
});
const known = new Set((JSON.parse(readFileSync(LIST, 'utf8')) as Fault[]).map(({ at }) => at));
const found: Fault[] = [];
for (const folder of positionals) await checkFolder(folder);
if (flags.write) writeFileSync(LIST, `${JSON.stringify(found, undefined, 2)}\n`);
process.exitCode = found.every(({ at }) => known.has(at)) ? 0 : 1;

async function checkFolder(folder: string): Promise<void> {
  const files = definitionFolder(folder);
  const paths = globSync('**/*.wdl', { cwd: folder }).sort();
  const faulty = new Set<string>();
  for (const main of paths) {
    const { diagnostics } = await checkDefinition({ files, main, tasksOnly: true });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) faulty.add(main);
    for (const error of errors.filter(({ position }) => position.file === main)) note(error);
  }
  console.log(
    `${basename(folder)}: ${paths.length} files, ${faulty.size} with faults of their own or of what they import`,
  );
}

function note(error: Diagnostic): void {
  const { code, message, position } = error;
  const at = `${position.file}:${position.line}:${position.column}`;
  if (!known.has(at)) console.log(formatDiagnostic(error));
  found.push({ at, fault: `${code}: ${message}` });
}
