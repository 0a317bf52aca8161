import type { DiagnosticCode, DiagnosticValues } from '../diagnostics/catalogue.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { Position } from '../syntax/position.ts';

/** Gathers diagnostics; the same finding at the same place is kept once. */
export class Report {
  readonly #found = new Map<string, Diagnostic>();

  add<C extends DiagnosticCode>(code: C, position: Position, values: DiagnosticValues<C>): void {
    this.keep(diagnostic(code, position, values));
  }

  keep(found: Diagnostic): void {
    const { file, line, column } = found.position;
    this.#found.set(`${file}:${line}:${column}:${found.message}`, found);
  }

  /** In the order of the source: file by file, line by line. */
  diagnostics(): Diagnostic[] {
    return [...this.#found.values()].sort(
      (a, b) =>
        Number(a.position.file > b.position.file) - Number(a.position.file < b.position.file) ||
        a.position.line - b.position.line ||
        a.position.column - b.position.column,
    );
  }

  get failed(): boolean {
    return [...this.#found.values()].some((found) => found.severity === 'error');
  }
}
