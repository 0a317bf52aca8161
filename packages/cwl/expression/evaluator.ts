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
  readonly #javascript: Javascript | undefined;
  readonly #library: readonly string[] | undefined;

  /** `library` is undefined where the process does not have InlineJavascriptRequirement. */
  constructor(javascript: Javascript | undefined, library: readonly string[] | undefined) {
    this.#javascript = javascript;
    this.#library = library;
  }

  /** The value as it is, where it is no text with expressions. */
  evaluate(value: Value, scope: Scope): Value {
    if (typeof value !== 'string' || !hasExpression(value)) return value;
    return named(value, () => this.#evaluated(value, scope));
  }

  /** Text with expressions replaced, white space around them kept: the content of a file. */
  text(value: string, scope: Scope): Value {
    if (!hasExpression(value)) return value;
    return named(value, () => {
      const pieces = this.#pieces(value);
      const [only] = pieces;
      return pieces.length === 1 && only!.kind !== 'text'
        ? this.#value(only!, scope)
        : this.#joined(pieces, scope);
    });
  }

  #evaluated(value: string, scope: Scope): Value {
    const pieces = this.#pieces(value);
    const [only] = pieces.filter((piece) => piece.kind !== 'text' || piece.text.trim() !== '');
    const alone = pieces.every(
      (piece) => piece === only || (piece.kind === 'text' && piece.text.trim() === ''),
    );
    if (alone && only && only.kind !== 'text') return this.#value(only, scope);
    return this.#joined(pieces, scope);
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

  #run(code: string, variables: Readonly<Record<string, Value>>): Value {
    if (this.#javascript && this.#library) return this.#javascript.run(code, this.#library, variables);
    throw new EvaluationError(`JavaScript needs InlineJavascriptRequirement: ${code.slice(0, 80)}`);
  }

  #value(piece: Exclude<Piece, { kind: 'text' }>, scope: Scope): Value {
    const variables = { inputs: scope.inputs, self: scope.self, runtime: scope.runtime };
    if (piece.kind === 'body') return this.#run(piece.code, variables);
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
    return this.#run(`return (${piece.code}\n);`, variables);
  }
}

/** A fault knows the text that it is in. */
function named<T>(text: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof EvaluationError) error.expression ??= text;
    throw error;
  }
}

/** "The string value of the parameter reference is its textual JSON representation", with objects' entries sorted. */
function interpolated(value: Value): string {
  return typeof value === 'string' ? value : jsonText(value);
}
