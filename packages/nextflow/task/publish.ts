import { relative } from 'node:path';
import { globRegExp } from '../files/glob.ts';
import { Closure } from '../values/closure.ts';
import { illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import type { FilePath } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import type { Session } from '../run/session.ts';
import type { Directives } from './directives.ts';
import { suggestion } from '../diagnostics/suggestion.ts';

const OPTIONS = [
  'path',
  'mode',
  'pattern',
  'saveAs',
  'enabled',
  'overwrite',
  'failOnError',
  'contentType',
  'storageClass',
  'tags',
  'value',
  'relative',
  'store',
];
const MODES = ['symlink', 'rellink', 'link', 'copy', 'copyNoFollow', 'move'] as const;
export type PublishMode = (typeof MODES)[number];

/** Hands the outputs of a task to the folders that `publishDir` names. */
export function publishTask(
  directives: Directives,
  found: readonly FilePath[],
  workDirectory: string,
  session: Session,
): void {
  for (const given of directives.all('publishDir')) {
    for (const one of Array.isArray(given) ? (given as Value[]) : [given])
      publishTo(directives.resolve(one), found, workDirectory, session, directives);
  }
}

function publishTo(
  given: Value,
  found: readonly FilePath[],
  workDirectory: string,
  session: Session,
  directives: Directives,
): void {
  const options = given instanceof GroovyMap ? given : GroovyMap.of({ path: given });
  const unknown = Array.from(options.keys(), String).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw illegalArgument(`Unknown option "${unknown}" of publishDir.${suggestion(unknown, OPTIONS)}`);
  const value = (name: string) => {
    const option = options.get(name) ?? null;
    return name === 'saveAs' ? option : directives.resolve(option);
  };
  if (value('enabled') !== null && !truth(value('enabled'))) return;
  const folder = value('path') ?? value('value');
  if (folder === null) throw illegalArgument('publishDir needs a folder.');
  const mode = publishMode(value('mode'));
  const pattern = value('pattern');
  const fits =
    pattern === null
      ? () => true
      : (
          (matcher) => (name: string) =>
            matcher.test(name)
        )(globRegExp(text(pattern)));
  const rename = options.get('saveAs');
  const saveAs = rename instanceof Closure ? directives.bound(rename) : undefined;
  const done = new Set<string>();
  if (found.length > 0) session.openPublished(text(folder));
  for (const file of found) {
    const name = publishName(file, workDirectory);
    if (done.has(name) || !fits(name)) continue;
    done.add(name);
    const wanted = saveAs ? saveAs.apply([name]) : name;
    if (wanted === null || wanted === undefined) continue;
    session.publishFile({
      file,
      folder: text(folder),
      name: text(wanted),
      mode,
      overwrite: value('overwrite') === null ? undefined : truth(value('overwrite')),
    });
  }
}

/** The path in the work directory; an input that is handed on goes by its name. */
function publishName(file: FilePath, workDirectory: string): string {
  const inside = relative(workDirectory, file.location);
  return inside.startsWith('..') ? text(file.property('name')) : inside;
}

export function publishMode(given: Value): PublishMode {
  if (given === null || given === undefined) return 'symlink';
  const mode = MODES.find((each) => each.toLowerCase() === text(given).toLowerCase());
  if (!mode) throw illegalArgument(`Unknown publish mode "${text(given)}". Use one of ${MODES.join(', ')}.`);
  return mode;
}
