import { EvaluationError } from '../faults.ts';
import type { Value, ValueObject } from '../value.ts';
import type { Javascript } from './javascript.ts';
import { jsonText } from './json-text.ts';
import { follow, parseReference } from './reference.ts';
import { hasExpression, type Piece, scan } from './scan.ts';

/** What expressions see. */
export interface Scope {
  readonly inputs: ValueObject;
  readonly self: Value;
  readonly runtime: ValueObject;
}

/** Evaluates the expressions of one process: with JavaScript where the process requires it. */
export class Evaluator {
  readonly #javascript: Javascript;
  readonly #library: readonly string[] | undefined;

  /** `library` is undefined where the process does not have InlineJavascriptRequirement. */
  constructor(javascript: Javascript, library: readonly string[] | undefined) {
    this.#javascript = javascript;
    this.#library = library;
  }

  /** The value as it is, where it is no text with expressions. */
  evaluate(value: Value, scope: Scope): Value {
    if (typeof value !== 'string' || !hasExpression(value)) return value;
    const pieces = this.#pieces(value);
    const [only] = pieces.filter((piece) => piece.kind !== 'text' || piece.text.trim() !== '');
    const alone = pieces.every(
      (piece) => piece === only || (piece.kind === 'text' && piece.text.trim() === ''),
    );
    if (alone && only && only.kind !== 'text') return this.#value(only, scope);
    return this.#joined(pieces, scope);
  }

  /** Text with expressions replaced, white space around them kept: the content of a file. */
  text(value: string, scope: Scope): Value {
    const pieces = hasExpression(value) ? this.#pieces(value) : [];
    if (pieces.length === 1 && pieces[0]!.kind !== 'text') return this.#value(pieces[0]!, scope);
    return pieces.length === 0 ? value : this.#joined(pieces, scope);
  }

  #joined(pieces: readonly Piece[], scope: Scope): string {
    return pieces
      .map((piece) => (piece.kind === 'text' ? piece.text : interpolated(this.#value(piece, scope))))
      .join('');
  }

  #pieces(text: string): Piece[] {
    try {
      return scan(text, this.#library !== undefined);
    } catch (error) {
      throw error instanceof SyntaxError ? new EvaluationError(error.message, { cause: error }) : error;
    }
  }

  #value(piece: Exclude<Piece, { kind: 'text' }>, scope: Scope): Value {
    const variables = { inputs: scope.inputs, self: scope.self, runtime: scope.runtime };
    if (piece.kind === 'body') return this.#javascript.run(piece.code, this.#library ?? [], variables);
    const path = parseReference(piece.code);
    if (path) {
      try {
        return follow(path, variables);
      } catch (error) {
        if (this.#library === undefined) throw error;
      }
    }
    if (this.#library === undefined) {
      throw new EvaluationError(
        `$(${piece.code}) is no parameter reference; JavaScript needs InlineJavascriptRequirement.`,
      );
    }
    return this.#javascript.run(`return (${piece.code}\n);`, this.#library, variables);
  }
}

/** "The string value of the parameter reference is its textual JSON representation", with objects' entries sorted. */
function interpolated(value: Value): string {
  return typeof value === 'string' ? value : jsonText(value);
}
