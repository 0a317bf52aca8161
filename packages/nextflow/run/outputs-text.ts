import { prettyPrint, toJson } from '../evaluate/classes/json.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import type { Session } from './session.ts';

/** More items than that are not told one by one. */
const MOST_ITEMS = 20;
const SHOWN_ITEMS = 10;

/** What a run says of its outputs at its end: as a list for readers, or as JSON for programs. */
export function outputsText(session: Session, format: string): string {
  const outputs = session.publishedOutputs();
  if (outputs.size === 0 || format === 'none') return '';
  if (format === 'json') return `${prettyPrint(toJson(outputs))}\n`;
  const blocks = Array.from(outputs, ([name, value]) => block(text(name), value, session.outputDir));
  return [
    '',
    'Outputs:',
    '',
    `  ${session.outputDir}`,
    ...blocks.flatMap((lines) => ['', ...lines]),
    '',
  ].join('\n');
}

function block(name: string, value: Value, folder: string): string[] {
  const shown = (item: Value) => flow(item).replaceAll(`${folder}/`, '');
  if (value instanceof GroovyMap)
    return [`  ${name}:`, ...Array.from(value, ([key, item]) => `    ${text(key)}: ${shown(item)}`)];
  if (!isCollection(value)) return [`  ${name}: ${shown(value)}`];
  const all = [...items(value)];
  const told = all.length > MOST_ITEMS ? all.slice(0, SHOWN_ITEMS) : all;
  const rest = told.length < all.length ? [`    - ... (${all.length - told.length} more items)`] : [];
  return [`  ${name}:`, ...told.map((item) => `    - ${shown(item)}`), ...rest];
}

/** YAML in one line. */
function flow(value: Value): string {
  if (value instanceof GroovyMap)
    return `{${Array.from(value, ([key, item]) => `${text(key)}: ${flow(item)}`).join(', ')}}`;
  return isCollection(value) ? `[${Array.from(items(value), flow).join(', ')}]` : text(value);
}
