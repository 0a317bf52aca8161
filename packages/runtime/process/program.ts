import type { Ending } from './supervise.ts';

/** A program to start on the host, in control groups of its own. */
export interface Program {
  /** The program by path or name (looked for on its own PATH), and its arguments. */
  readonly command: readonly string[];
  /** All of it: nothing of the server's environment is added, which may hold secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Host files. What it prints goes to disk without passing through the server. */
  readonly stdin: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
  /** What it reads from descriptor 4. */
  readonly input?: string;
  /** It has the host's network also where its place is apart. */
  readonly hostNetwork?: boolean;
  /** No file that it writes may pass this. */
  readonly fileBytes?: number;
}

export interface StartedProgram {
  /** The program's own process, as soon as it is known. */
  id(): number | undefined;
  /** How the program itself ended; others that it started may be left. */
  readonly ending: Promise<Ending>;
  /** What it wrote to descriptor 3, once it ended. */
  status(): string;
  /** Ends it at once. */
  kill(): void;
}
