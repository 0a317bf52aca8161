import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A place where the sample differs from the reference. `position` is 1-based, as in VCF. */
export interface Difference {
  readonly contig: string;
  readonly position: number;
  readonly reference: string;
  readonly alternate: string;
}

export interface Comparison {
  readonly found: readonly Difference[];
  readonly missed: readonly Difference[];
  readonly others: readonly Difference[];
  /** Found among the true ones; 1 where there are none. */
  readonly recall: number;
  /** True ones among the called; 1 where there are none. */
  readonly precision: number;
}

/** Tab-separated, one header line: contig, 1-based position, reference base, alternate base. */
export function readTruth(path: string): readonly Difference[] | undefined {
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => {
    const [contig, position, reference, alternate] = line.split('\t');
    if (!contig || !position || !reference || !alternate)
      throw new Error(`${path}: not four columns: ${line}`);
    return { contig, position: Number(position), reference, alternate };
  });
}

export function writeTruth(path: string, truth: readonly Difference[]): void {
  const lines = truth.map((one) => `${one.contig}\t${one.position}\t${one.reference}\t${one.alternate}\n`);
  writeFileSync(path, `#contig\tpos\tref\talt\n${lines.join('')}`);
}

export function compare(truth: readonly Difference[], called: readonly Difference[]): Comparison {
  const key = (one: Difference) => `${one.contig}:${one.position}:${one.reference}>${one.alternate}`;
  const calledKeys = new Set(called.map(key));
  const trueKeys = new Set(truth.map(key));
  const found = truth.filter((one) => calledKeys.has(key(one)));
  return {
    found,
    missed: truth.filter((one) => !calledKeys.has(key(one))),
    others: called.filter((one) => !trueKeys.has(key(one))),
    recall: truth.length === 0 ? 1 : found.length / truth.length,
    precision: called.length === 0 ? 1 : found.length / called.length,
  };
}
