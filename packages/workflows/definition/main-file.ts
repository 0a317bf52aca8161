import type { Language } from '@helicase/runtime';
import { DefinitionProblem } from './definition-problem.ts';
import type { DefinitionFiles } from './definition-zip.ts';

const EXTENSIONS: Readonly<Record<Language, string>> = {
  WDL: '.wdl',
  WDL_LENIENT: '.wdl',
  CWL: '.cwl',
  NEXTFLOW: '.nf',
};

/** Names listed in a message at most. */
const NAMED = 10;

/** The file to start from: as named, or the only definition, or the one called `main` at the top. */
export function findMain(files: DefinitionFiles, language: Language, requested: string | undefined): string {
  const names = [...files.keys()].filter((name) => !isMacLitter(name)).sort();
  if (requested !== undefined) return requireName(names, requested);
  const extension = EXTENSIONS[language];
  const definitions = names.filter((name) => name.endsWith(extension));
  if (definitions.length === 0) {
    throw new DefinitionProblem(
      `Zip file contains no workflow definition file (*${extension}); it holds ${listed(names)}.`,
    );
  }
  if (definitions.length === 1) return definitions[0]!;
  const main = `main${extension}`;
  if (definitions.includes(main)) return main;
  // The guide, "Why can't I create a workflow?"
  throw new DefinitionProblem(
    `Zip file contains multiple workflow definition files: ${listed(definitions)}. ` +
      'Name the main one with the main parameter (--main folder_name/file_name).',
  );
}

/** The engine where CreateWorkflow names none: by the definition files' extension. */
export function findLanguage(files: DefinitionFiles, main: string | undefined): Language {
  const names = main === undefined ? [...files.keys()].filter((name) => !isMacLitter(name)) : [main];
  if (names.some((name) => name.endsWith('.wdl'))) return 'WDL';
  if (names.some((name) => name.endsWith('.nf'))) return 'NEXTFLOW';
  if (names.some((name) => name.endsWith('.cwl'))) return 'CWL';
  throw new DefinitionProblem(
    `Zip file contains no workflow definition file (*.wdl); it holds ${listed(names)}.`,
  );
}

/** A file of the definition that a member of the request names. */
export function requireFile(files: DefinitionFiles, member: string, path: string): Buffer {
  const file = files.get(path.replace(/^\.\//, ''));
  if (file) return file;
  throw new DefinitionProblem(
    `${member} "${path}" is not in the zip file; it holds ${listed([...files.keys()].sort())}.`,
  );
}

function requireName(names: readonly string[], requested: string): string {
  const main = requested.replace(/^\.\//, '');
  if (names.includes(main)) return main;
  throw new DefinitionProblem(
    `The main file "${requested}" is not in the zip file; it holds ${listed(names)}.`,
  );
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.slice(0, NAMED).join(', ') + more;
}

/** Resource forks that macOS puts into zips: `__MACOSX/._main.wdl`. */
function isMacLitter(name: string): boolean {
  return name.startsWith('__MACOSX/') || name.split('/').at(-1)!.startsWith('._');
}
