import type { TemplatePart } from './expression-node.ts';

interface Dedented {
  readonly parts: readonly TemplatePart[];
  readonly mixedIndentation: boolean;
}

/**
 * Strips the whitespace that all lines of a command have in common (specification, "Stripping Leading Whitespace"),
 * and the line break after the opening bracket. Lines that mix tabs with spaces leave everything as it is.
 */
export function dedent(parts: readonly TemplatePart[]): Dedented {
  const template = withoutFirstBreak(parts);
  const indents = [...indentations(template)];
  const mixed =
    indents.some((indent) => indent.includes(' ')) && indents.some((indent) => indent.includes('\t'));
  if (mixed || indents.length === 0) return { parts: template, mixedIndentation: mixed };
  return { parts: withoutIndentation(template), mixedIndentation: false };
}

/** The parts without the whitespace that their lines have in common; a tab counts as one character, as a space does. */
export function withoutIndentation(template: readonly TemplatePart[]): readonly TemplatePart[] {
  const width = Math.min(...[...indentations(template)].map((indent) => indent.length));
  if (width === 0 || width === Infinity) return template;
  const pattern = new RegExp(`\\n[ \\t]{1,${width}}`, 'g');
  const first = new RegExp(`^[ \\t]{1,${width}}`);
  return template.map((part, index) => {
    if (typeof part !== 'string') return part;
    const text = part.replace(pattern, '\n');
    return index === 0 ? text.replace(first, '') : text;
  });
}

function withoutFirstBreak(parts: readonly TemplatePart[]): readonly TemplatePart[] {
  const [first, ...rest] = parts;
  if (typeof first !== 'string') return parts;
  return [first.replace(/^[ \t]*\r?\n/, ''), ...rest];
}

/** The indentation of each line that has something on it; a placeholder is something. */
function* indentations(parts: readonly TemplatePart[]): Iterable<string> {
  let atLineStart = true;
  let indent = '';
  for (const part of parts) {
    if (typeof part !== 'string') {
      if (atLineStart) yield indent;
      atLineStart = false;
      continue;
    }
    for (const [index, line] of part.split('\n').entries()) {
      if (index > 0) [atLineStart, indent] = [true, ''];
      if (!atLineStart) continue;
      const lead = /^[ \t]*/.exec(line)![0];
      indent += lead;
      if (line.slice(lead.length).trim() === '') continue;
      yield indent;
      atLineStart = false;
    }
  }
}
