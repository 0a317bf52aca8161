import { errors } from '../errors.ts';
import { type Condition, parseCondition } from './condition.ts';
import type { FilterPattern } from './filter-pattern.ts';

interface Column {
  readonly name: string;
  readonly condition: Condition | undefined;
}

/** `[ip, user, ..., status = 4*, bytes > 1000]`: conditions on fields of messages whose fields are parted by spaces. */
export function spacePattern(pattern: string): FilterPattern {
  const [, text] = /^\[(.*)\]$/s.exec(pattern) ?? [];
  if (text === undefined) throw errors.unsupportedPattern({ pattern, reason: 'the bracket is not closed' });
  const columns = columnTexts(text).map((column) => columnOf(pattern, column.trim()));
  const gap = columns.findIndex(({ name }) => name === '...');
  if (columns.filter(({ name }) => name === '...').length > 1)
    throw errors.unsupportedPattern({ pattern, reason: 'it has more than one ...' });
  const least = gap === -1 ? columns.length : columns.length - 1;
  const placeOf = (index: number, fields: readonly string[]) =>
    gap === -1 || index < gap ? index : fields.length - (columns.length - index);
  return {
    matches: (message) => {
      const fields = fieldsOf(message);
      if (gap === -1 ? fields.length !== least : fields.length < least) return false;
      return columns.every(
        ({ condition }, index) => condition?.(() => fields[placeOf(index, fields)]) ?? true,
      );
    },
    needles: [],
    valueOf: (message, selector) => {
      const fields = fieldsOf(message);
      const index = columns.findIndex(({ name }) => `$${name}` === selector);
      return index === -1 ? undefined : fields[placeOf(index, fields)];
    },
    extract: (message) => {
      const fields = fieldsOf(message);
      const names = fields.map((_, place) => `${place + 1}`);
      for (const [index, { name }] of columns.entries())
        if (name !== '' && name !== '...') names[placeOf(index, fields)] = name;
      return Object.fromEntries(fields.map((field, place) => [`$${names[place]}`, field]));
    },
  };
}

/** Parted by commas that stand in no quotation marks and in no regular expression. */
function columnTexts(text: string): readonly string[] {
  const texts = [''];
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)*%|[^]/g)) {
    if (piece === ',') texts.push('');
    else texts[texts.length - 1] += piece;
  }
  return texts;
}

function columnOf(pattern: string, column: string): Column {
  if (column === '...' || column === '') return { name: column, condition: undefined };
  const name = /^[\w.$-]+/.exec(column)?.[0];
  if (name === undefined)
    throw errors.unsupportedPattern({ pattern, reason: `${column} does not begin with a name` });
  return { name, condition: column === name ? undefined : parseCondition(pattern, column) };
}

const CLOSES: Readonly<Record<string, string>> = { '[': ']', '"': '"' };

/** What stands in brackets or quotation marks is one field. In one walk: lines are as long as strangers make them. */
function fieldsOf(message: string): readonly string[] {
  const fields: string[] = [];
  const last = { '[': message.lastIndexOf(']'), '"': message.lastIndexOf('"') };
  const word = /\S+/g;
  for (let found = word.exec(message); found; found = word.exec(message)) {
    const [text] = found;
    const opens = text[0] as '[' | '"';
    const isClosed = Object.hasOwn(CLOSES, opens) && last[opens] > found.index;
    const end = isClosed ? message.indexOf(CLOSES[opens]!, found.index + 1) : word.lastIndex;
    fields.push(isClosed ? message.slice(found.index + 1, end) : text);
    if (isClosed) word.lastIndex = end + 1;
  }
  return fields;
}
