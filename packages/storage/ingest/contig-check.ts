import type { AlignmentFacts, Contig, UsedContig } from '@helicase/formats';
import { SourceRefused } from '../item-job/refused.ts';

const NAMED_AT_MOST = 20;

/**
 * Aligned reads must fit the reference that the read set is linked to: every contig that carries reads is there with
 * the same length, and the same MD5 where the header states one (M5). Refused, naming the contigs.
 */
export function refuseForeignContigs(
  facts: AlignmentFacts,
  contigs: readonly Contig[],
  source: string,
  reference: { readonly name: string; readonly arn: string },
): void {
  const known = new Map(contigs.map((contig) => [contig.name, contig]));
  const problems = facts.contigs.flatMap((used) => problemOf(used, known.get(used.name)) ?? []);
  if (problems.length === 0) return;
  const named = problems.slice(0, NAMED_AT_MOST).join('; ');
  const more = problems.length > NAMED_AT_MOST ? `; and ${problems.length - NAMED_AT_MOST} more` : '';
  throw new SourceRefused(
    `${source}: its reads do not fit reference ${reference.name} (${reference.arn}): ${named}${more}`,
  );
}

function problemOf(used: UsedContig, known: Contig | undefined): string | undefined {
  const contig = `contig ${used.name} (${used.reads} reads)`;
  if (!known) return `${contig} is not in the reference`;
  if (known.length !== used.length)
    return `${contig} has ${used.length} bases in the file, ${known.length} in the reference`;
  if (used.md5 !== undefined && used.md5.toLowerCase() !== known.md5)
    return `${contig} has other bases: MD5 ${used.md5} in the file, ${known.md5} in the reference`;
  return undefined;
}
