import type { Position, Source } from '../syntax/source.ts';

/** A stretch of a source text. */
export interface Stretch {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

export interface FaultOptions {
  readonly cause?: unknown;
  readonly className?: string;
  readonly thrown?: unknown;
}

/** What the author of a script or configuration did wrong: what, where, and what to do. */
export class ScriptFault extends Error {
  /** Where; set on the way out by whoever knows it first. */
  stretch: Stretch | undefined;
  /** The exception that a script would catch: its class, by the name without package. */
  readonly className: string;
  /** The object that was thrown, where the script threw one. */
  readonly thrown: unknown;

  constructor(message: string, stretch?: Stretch, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ScriptFault';
    this.stretch = stretch;
    this.className = options.className ?? 'RuntimeException';
    this.thrown = options.thrown;
  }

  get position(): Position | undefined {
    return this.stretch?.source.position(this.stretch.start);
  }

  /** `main.nf:12:5: message`, and below it the line with carets. */
  describe(): string {
    const { position } = this;
    if (!position || !this.stretch) return this.message;
    return `${position.file}:${position.line}:${position.column}: ${this.message}\n${excerpt(this.stretch)}`;
  }
}

const WIDTH_LIMIT = 160;

/** The line that a stretch begins on, and below it carets under the stretch. */
export function excerpt({ source, start, end }: Stretch): string {
  const { line, column } = source.position(start);
  const text = source.line(line);
  const from = Math.max(0, Math.min(column - 41, text.length - WIDTH_LIMIT));
  const shown = text.slice(from, from + WIDTH_LIMIT);
  const padding = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
  const room = Math.max(1, shown.length - padding.length);
  return `    ${shown}\n    ${padding}${'^'.repeat(Math.max(1, Math.min(end - start, room)))}`;
}
