import { shown, VcfError } from './vcf-error.ts';

/** What the header says that rows depend on. */
export interface VcfHeader {
  /** For example `VCFv4.2`. */
  readonly version: string;
  readonly samples: readonly string[];
  /** INFO key to its Description. */
  readonly info: ReadonlyMap<string, string>;
}

const FIXED = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO'];

/**
 * What an INFO line must have (VCF 4.5, 1.4.2). A Description may be missing, as htsjdk lets it; only VEP's is read.
 */
const INFO_RULES: readonly (readonly [string, RegExp])[] = [
  ['is not closed by ">"', />\s*$/],
  ['needs a Number, a count or one of A, R, G and "."', /[<,]Number=(\d+|[A-Z]{1,2}|\.)[,>]/],
  [
    'needs a Type, one of Integer, Float, Flag, Character and String',
    /[<,]Type=(Integer|Float|Flag|Character|String)[,>]/,
  ],
];

/** Takes the header line by line; `finished` once the #CHROM line was given. */
export class VcfHeaderReader {
  #version: string | undefined;
  readonly #info = new Map<string, string>();

  /** The header, where this line ended it. */
  take(line: string, number: number): VcfHeader | undefined {
    if (this.#version === undefined) {
      this.#version = versionOf(line, number);
      return undefined;
    }
    if (line.startsWith('##')) {
      if (line.startsWith('##INFO=')) this.#takeInfo(line, number);
      return undefined;
    }
    if (line.startsWith('#'))
      return { version: this.#version, samples: samplesOf(line, number), info: this.#info };
    throw new VcfError(`the #CHROM line must come before the first record, found ${shown(line)}`, number);
  }

  #takeInfo(line: string, number: number): void {
    const id = /^##INFO=<(?:.*?,)?ID=([^,>]+)/.exec(line)?.[1];
    if (id === undefined) throw new VcfError(`INFO header without an ID: ${shown(line)}`, number);
    const wrong = INFO_RULES.find(([, rule]) => !rule.test(line));
    if (wrong) throw new VcfError(`INFO header ${id} ${wrong[0]}: ${shown(line)}`, number);
    if (this.#info.has(id)) throw new VcfError(`INFO header ${id} is declared twice`, number);
    this.#info.set(id, /Description="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? '');
  }
}

function versionOf(line: string, number: number): string {
  const version = /^##fileformat=(VCFv4\.\d+)\s*$/.exec(line)?.[1];
  if (version) return version;
  throw new VcfError(
    `a VCF of version 4 begins with ##fileformat=VCFv4.x, this file begins with ${shown(line)}`,
    number,
  );
}

function samplesOf(line: string, number: number): readonly string[] {
  const columns = line.split('\t');
  const wrong = FIXED.findIndex((name, index) => columns[index] !== name);
  if (wrong >= 0) {
    const found = columns[wrong] === undefined ? 'nothing' : shown(columns[wrong]);
    throw new VcfError(
      `column ${wrong + 1} of the #CHROM line must be ${FIXED[wrong]}, found ${found}`,
      number,
    );
  }
  if (columns.length === FIXED.length) return [];
  if (columns[FIXED.length] !== 'FORMAT') {
    throw new VcfError(`column 9 of the #CHROM line must be FORMAT, found ${shown(columns[8]!)}`, number);
  }
  const samples = columns.slice(FIXED.length + 1);
  const twin = twinOf(samples);
  if (twin !== undefined) throw new VcfError(`sample ${shown(twin)} is named twice`, number);
  return samples;
}

function twinOf(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}
