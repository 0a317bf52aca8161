import type { Position } from '../syntax/position.ts';
import { catalogue, type DiagnosticCode, type DiagnosticValues, type Severity } from './catalogue.ts';

/** One finding about a document: what, where, and what to do. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly position: Position;
  /** The source line with a caret line below it; added when the diagnostic leaves the checker. */
  readonly excerpt?: string;
}

/** Makes a diagnostic of the catalogue. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  position: Position,
  values: DiagnosticValues<C>,
): Diagnostic {
  const { severity, message, remedy } = catalogue[code];
  const template = remedy ? `${message} ${remedy}` : message;
  return { code, severity, message: fill(template, values), position };
}

function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)).trim();
}

/** Thrown by the parser at the first syntax error, caught at the room's face. */
export class DiagnosticError extends Error {
  readonly diagnostic: Diagnostic;

  constructor(found: Diagnostic) {
    super(found.message);
    this.name = 'DiagnosticError';
    this.diagnostic = found;
  }
}

/** The error to throw for a catalogue entry. */
export function failure<C extends DiagnosticCode>(
  code: C,
  position: Position,
  values: DiagnosticValues<C>,
): DiagnosticError {
  return new DiagnosticError(diagnostic(code, position, values));
}
