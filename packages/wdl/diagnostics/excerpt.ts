import type { Position } from '../syntax/position.ts';
import type { Diagnostic } from './diagnostic.ts';

const WIDTH_LIMIT = 160;

/** The line that a position begins on, and below it carets under the stretch. */
export function excerpt(text: string, position: Position): string {
  const line = (text.split('\n', position.line)[position.line - 1] ?? '').replace(/\r$/, '');
  const start = position.column - 1;
  const end = position.endLine === position.line ? position.endColumn - 1 : line.length;
  const from = Math.max(0, Math.min(start - 40, line.length - WIDTH_LIMIT));
  const shown = line.slice(from, from + WIDTH_LIMIT);
  const padding = shown.slice(0, start - from).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(end, from + WIDTH_LIMIT) - start));
  return `${shown}\n${padding}${carets}`;
}

/** `main.wdl:12:5: error: message`, then the excerpt indented. */
export function formatDiagnostic(found: Diagnostic): string {
  const { file, line, column } = found.position;
  const head = `${file}:${line}:${column}: ${found.severity}: ${found.message}`;
  if (found.excerpt === undefined) return head;
  return `${head}\n${found.excerpt.replace(/^/gm, '    ')}`;
}
