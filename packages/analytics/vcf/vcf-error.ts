/** A file that is not a readable VCF: what is wrong and, where it is known, on which line. */
export class VcfError extends Error {
  /** Counted from 1, header lines included; undefined where the file as a whole is wrong. */
  readonly line: number | undefined;

  constructor(problem: string, line?: number) {
    super(line === undefined ? problem : `line ${line}: ${problem}`);
    this.name = 'VcfError';
    this.line = line;
  }
}

const SHOWN = 60;

/** A value as messages show it: quoted, and cut where it is long. */
export function shown(value: string): string {
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value);
}
