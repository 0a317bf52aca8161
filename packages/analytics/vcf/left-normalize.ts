import type { ReferenceSequence } from './fasta.ts';
import { shown, VcfError } from './vcf-error.ts';

/** Alleles and where they lie: 0-based, end exclusive. */
export interface Site {
  readonly contig: string;
  readonly start: number;
  readonly end: number;
  readonly reference: string;
  readonly alternates: readonly string[];
}

/** How far to the left bases are fetched at a time. */
const STEP = 100;

/**
 * The site left-aligned and parsimonious (Tan, Abecasis and Kang 2015), as `bcftools norm -f` makes it: same
 * haplotypes, leftmost position, shortest alleles. Symbolic alleles, breakends and `*` are left as they are.
 */
export function leftNormalized(site: Site, reference: ReferenceSequence, line: number): Site {
  const { contig, start } = site;
  if (reference.length(contig) === undefined) {
    throw new VcfError(
      `contig ${shown(contig)} is not in the reference, which left normalization needs`,
      line,
    );
  }
  const expected = reference.bases(contig, start, start + site.reference.length);
  if (expected !== site.reference.toUpperCase()) {
    const found = `REF is ${shown(site.reference)}, but the reference has ${shown(expected)}`;
    throw new VcfError(
      `${found} at ${contig}:${start + 1}; left normalization needs the file's own reference`,
      line,
    );
  }
  if (site.alternates.length === 0) return firstBaseOf(site);
  if (!isNormalizable(site)) return site;
  const alleles = [site.reference, ...site.alternates].map((allele) => allele.toUpperCase());
  const moved = aligned(alleles, start, (from, to) => reference.bases(contig, from, to));
  if (moved.start === start && moved.alleles[0] === alleles[0]) return site;
  const [ref, ...alternates] = moved.alleles as [string, ...string[]];
  const end = site.end === start + site.reference.length ? moved.start + ref.length : site.end;
  return { ...site, start: moved.start, end, reference: ref, alternates };
}

/** Where nothing varies one base says it, as bcftools has it. */
function firstBaseOf(site: Site): Site {
  const { start, end, reference } = site;
  return {
    ...site,
    reference: reference.slice(0, 1),
    end: end === start + reference.length ? start + 1 : end,
  };
}

function isNormalizable({ reference, alternates }: Site): boolean {
  if (reference.length === 1 && alternates.every(({ length }) => length === 1)) return false;
  return alternates.every(
    (allele) => /^[ACGTN]+$/i.test(allele) && allele.toUpperCase() !== reference.toUpperCase(),
  );
}

/** Trims equal last bases, taking bases from the left where an allele would be empty; then trims equal first bases. */
function aligned(
  given: readonly string[],
  from: number,
  bases: (start: number, end: number) => string,
): { readonly start: number; readonly alleles: readonly string[] } {
  let alleles = given;
  let start = from;
  for (;;) {
    const shared = sharedSuffix(alleles);
    if (shared === 0) break;
    const shortest = Math.min(...alleles.map(({ length }) => length));
    if (shared < shortest) {
      alleles = alleles.map((allele) => allele.slice(0, allele.length - shared));
      break;
    }
    if (start === 0) {
      alleles = alleles.map((allele) => allele.slice(0, allele.length - shared + 1));
      break;
    }
    const step = Math.min(STEP, start);
    const left = bases(start - step, start);
    alleles = alleles.map((allele) => left + allele.slice(0, allele.length - shared));
    start -= step;
  }
  const shared = sharedPrefix(alleles);
  return { start: start + shared, alleles: alleles.map((allele) => allele.slice(shared)) };
}

function sharedSuffix(alleles: readonly string[]): number {
  const [first, ...others] = alleles as [string, ...string[]];
  let count = 0;
  while (count < first.length && others.every((other) => other.at(-1 - count) === first.at(-1 - count)))
    count++;
  return count;
}

/** At most all but the last base of the shortest allele. */
function sharedPrefix(alleles: readonly string[]): number {
  const [first, ...others] = alleles as [string, ...string[]];
  const limit = Math.min(...alleles.map(({ length }) => length)) - 1;
  let count = 0;
  while (count < limit && others.every((other) => other[count] === first[count])) count++;
  return count;
}
