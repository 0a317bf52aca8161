import { shown, VcfError } from './vcf-error.ts';

/** One sample's FORMAT values, as the variant store's table has them; null where the record does not say. */
export interface Genotype {
  readonly phased: boolean | null;
  /** Allele numbers; -1 is a missing one. */
  readonly calls: readonly number[] | null;
  readonly genotypeLikelihoods: readonly (number | null)[] | null;
  readonly phredLikelihoods: readonly (number | null)[] | null;
  readonly alleleDepths: readonly (number | null)[] | null;
  readonly conditionalQuality: number | null;
  readonly spl: readonly (number | null)[] | null;
  readonly depth: number | null;
  readonly ps: number | null;
  /** Every other FORMAT key that has a value; FT is `genotype_filters`. */
  readonly information: ReadonlyMap<string, string> | null;
}

/** How one FORMAT key is read: which field it fills, or none of the named ones. */
type Field = keyof Genotype;
const FIELDS: Readonly<Record<string, Field>> = {
  GT: 'calls',
  GL: 'genotypeLikelihoods',
  PL: 'phredLikelihoods',
  AD: 'alleleDepths',
  GQ: 'conditionalQuality',
  SPL: 'spl',
  DP: 'depth',
  PS: 'ps',
};

type Draft = { -readonly [F in Field]: Genotype[F] };

const INTEGER_LIMIT = 2 ** 31;

/** Where a value stands, for messages. */
interface Place {
  readonly line: number;
  readonly sample: string;
}

/** Reads one sample's column. Trailing fields may be left out, more than FORMAT names may not be there. */
export function parseGenotype(keys: readonly string[], column: string, place: Place): Genotype {
  const values = column.split(':');
  if (values.length > keys.length) {
    const named = keys.length === 1 ? '1 field' : `${keys.length} fields`;
    throw wrong(place, `has ${values.length} fields, but FORMAT names ${named}`);
  }
  const draft = emptyGenotype();
  let others: Map<string, string> | null = null;
  for (const [index, value] of values.entries()) {
    const key = keys[index]!;
    if (value === '' || value === '.') {
      if (key === 'GT' && value === '.') takeCalls(draft, value, place);
      continue;
    }
    const field = FIELDS[key];
    if (field) takeField(draft, field, key, value, place);
    else (others ??= new Map()).set(key === 'FT' ? 'genotype_filters' : key, value);
  }
  draft.information = others;
  return draft;
}

/** A record without samples has one row, in which these are all null. */
export function emptyGenotype(): Draft {
  return {
    phased: null,
    calls: null,
    genotypeLikelihoods: null,
    phredLikelihoods: null,
    alleleDepths: null,
    conditionalQuality: null,
    spl: null,
    depth: null,
    ps: null,
    information: null,
  };
}

function takeField(draft: Draft, field: Field, key: string, value: string, place: Place): void {
  switch (field) {
    case 'calls':
      return takeCalls(draft, value, place);
    case 'genotypeLikelihoods':
      draft.genotypeLikelihoods = numbers(value, key, place);
      return;
    case 'phredLikelihoods':
    case 'alleleDepths':
    case 'spl':
      draft[field] = numbers(value, key, place).map((number) => integer(number, key, value, place));
      return;
    case 'conditionalQuality':
    case 'depth':
    case 'ps':
      draft[field] = integer(oneNumber(value, key, place), key, value, place);
      return;
    case 'phased':
    case 'information':
  }
}

/** `0/1`, `1|0`, `.`, `1`, also VCF 4.4's leading separator (`/0/1`). */
function takeCalls(draft: Draft, value: string, place: Place): void {
  if (!/^[/|]?(\d+|\.)([/|](\d+|\.))*$/.test(value)) throw wrong(place, `GT ${shown(value)} is no genotype`);
  const alleles = value.replace(/^[/|]/, '').split(/[/|]/);
  draft.calls = alleles.map((allele) => (allele === '.' ? -1 : Number(allele)));
  draft.phased = value.includes('|') && !value.includes('/');
}

function numbers(value: string, key: string, place: Place): (number | null)[] {
  return value.split(',').map((part) => (part === '.' || part === '' ? null : oneNumber(part, key, place)));
}

function oneNumber(value: string, key: string, place: Place): number {
  const number = Number(value);
  if (Number.isNaN(number) && !/^nan$/i.test(value))
    throw wrong(place, `${key} must be a number, found ${shown(value)}`);
  return number;
}

/** Some callers write whole quantities with a fraction (GQ 99.0 or 47.3); the service's column is an integer. */
function integer<N extends number | null>(number: N, key: string, value: string, place: Place): N {
  if (number === null) return number;
  const whole = Math.round(number);
  if (Number.isNaN(whole) || Math.abs(whole) >= INTEGER_LIMIT) {
    throw wrong(place, `${key} must be an integer of 32 bits, found ${shown(value)}`);
  }
  return whole as N;
}

function wrong(place: Place, problem: string): VcfError {
  return new VcfError(`sample ${place.sample}: ${problem}`, place.line);
}
