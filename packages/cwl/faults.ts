import { EngineFailureError } from '@helicase/runtime';

/** A place in a source file; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a document, at a place in it. */
export class DocumentError extends Error {
  readonly position: Position;

  constructor(position: Position, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DocumentError';
    this.position = position;
  }
}

/** All that is wrong with a document, in the order of its text. */
export class DocumentFaults extends DocumentError {
  override readonly name = 'DocumentFaults';
  readonly all: readonly [DocumentError, ...DocumentError[]];

  constructor(all: readonly [DocumentError, ...DocumentError[]]) {
    const [first, ...others] = all;
    super(first.position, [first.message, ...others.map(located)].join('\n'), { cause: first });
    this.all = all;
  }
}

/** Something valid that this engine cannot do: the conformance contract's exit status 33. */
export class UnsupportedError extends DocumentError {
  override readonly name = 'UnsupportedError';
}

/** What is wrong with a value or an expression while a process runs; the caller knows the place. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  /** The text, as the document has it, whose evaluation failed. */
  expression?: string;
}

/** `main.cwl:12:5: message`. */
export function located({ position: { file, line, column }, message }: DocumentError): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** Runs `work`; a fault without a place gets that of its expression in `source`, or else this one. */
export async function at<T>(
  position: Position,
  work: () => Promise<T> | T,
  locate?: (text: string) => Position | undefined,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const found = error.expression === undefined ? undefined : locate?.(error.expression);
    throw new DocumentError(found ?? position, error.message, { cause: error });
  }
}

/** How the port says that the workflow is at fault. */
export function asEngineFailure(error: unknown): unknown {
  if (error instanceof DocumentError) {
    const { file, line, column } = error.position;
    return new EngineFailureError(
      { reason: 'WORKFLOW_RUN_FAILED', message: located(error), source: { file, line, column } },
      { cause: error },
    );
  }
  if (error instanceof EvaluationError) {
    return new EngineFailureError(
      { reason: 'WORKFLOW_RUN_FAILED', message: error.message },
      { cause: error },
    );
  }
  return error;
}
