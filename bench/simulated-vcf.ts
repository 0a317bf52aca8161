import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

/** What the benchmarks of analytics read: made from a seed, so that every run measures the same bytes. */
export type SimulatedVcf = 'single' | 'vep' | 'cohort';

interface Shape {
  readonly records: number;
  readonly samples: number;
}

/** A generator with a seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Random = ReturnType<typeof generator>;

const CONTIGS = Array.from({ length: 22 }, (_, n) => `chr${n + 1}`);
const INFO = [
  'AC',
  'AF',
  'AN',
  'BaseQRankSum',
  'DP',
  'ExcessHet',
  'FS',
  'MQ',
  'MQRankSum',
  'QD',
  'ReadPosRankSum',
  'SOR',
];
const NUMBERS: Readonly<Record<string, string>> = { AC: 'A', AF: 'A' };
const TYPES: Readonly<Record<string, string>> = { AC: 'Integer', AN: 'Integer', DP: 'Integer' };
const CSQ =
  'Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|cDNA_position|CDS_position|' +
  'Protein_position|Amino_acids|Codons|Existing_variation|DISTANCE|STRAND|FLAGS|SYMBOL_SOURCE|HGNC_ID|SIFT|PolyPhen';

function header(kind: SimulatedVcf, samples: number): string {
  const lines = [
    '##fileformat=VCFv4.2',
    ...CONTIGS.map((name) => `##contig=<ID=${name},length=200000000>`),
    '##FILTER=<ID=LowQual,Description="Low quality">',
    ...INFO.map(
      (id) => `##INFO=<ID=${id},Number=${NUMBERS[id] ?? 1},Type=${TYPES[id] ?? 'Float'},Description="${id}">`,
    ),
    ...(kind === 'vep'
      ? [
          `##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: ${CSQ}">`,
        ]
      : []),
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">',
  ];
  const names = Array.from({ length: samples }, (_, n) => `\tS${String(n).padStart(5, '0')}`).join('');
  return `${lines.join('\n')}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT${names}\n`;
}

/** Bases between records, at most: a cohort's 20,000 sites lie on 80 Mb, so that 1 Mb has 250 of them. */
export const SPACING: Readonly<Record<SimulatedVcf, number>> = { single: 2_000, vep: 400, cohort: 8_000 };

function genotype(random: Random): string {
  const call = ['0/0', '0/0', '0/0', '0/1', '1/1'][random(5)]!;
  const depth = 15 + random(40);
  const alternate = call === '0/0' ? 0 : call === '1/1' ? depth : depth >> 1;
  const other = 20 + random(1800);
  const likelihoods =
    call === '0/0'
      ? `0,${depth * 3},${other}`
      : call === '0/1'
        ? `${other},0,${other + random(300)}`
        : `${other},${depth * 3},0`;
  return `${call}:${depth - alternate},${alternate}:${depth}:${Math.min(99, depth * 2)}:${likelihoods}`;
}

function info(random: Random, depth: number): string {
  const decimal = (whole: number, digits: number) =>
    (random(whole * 10 ** digits) / 10 ** digits).toFixed(digits);
  return (
    `AC=${1 + random(2)};AF=0.${random(2) ? '500' : '250'};AN=2;BaseQRankSum=${decimal(6, 3)};DP=${depth};ExcessHet=3.0103;` +
    `FS=${decimal(60, 3)};MQ=${decimal(60, 2)};MQRankSum=${decimal(4, 3)};QD=${decimal(35, 2)};ReadPosRankSum=${decimal(3, 3)};SOR=${decimal(4, 3)}`
  );
}

const CONSEQUENCES = [
  'missense_variant',
  'synonymous_variant',
  'intron_variant',
  'stop_gained',
  'stop_lost',
  'missense_variant&splice_region_variant',
  'upstream_gene_variant',
];

function csq(random: Random, alternate: string): string {
  const gene = random(20_000);
  const entries = Array.from({ length: 1 + random(11) }, () => {
    const position = 1 + random(3000);
    const rank = random(100) < 2 ? 4 : [0, 1, 2, 2, 2, 5, 6][random(7)]!;
    return (
      `${alternate}|${CONSEQUENCES[rank]}|${['HIGH', 'MODERATE', 'LOW', 'MODIFIER'][random(4)]}|GENE${gene}|ENSG${String(gene).padStart(11, '0')}|Transcript|` +
      `ENST${String(random(200_000)).padStart(11, '0')}|protein_coding|${1 + random(12)}/14||ENST:c.${position}A>G|ENSP:p.Ala${position}Val|${position + 120}|${position}|` +
      `${Math.ceil(position / 3)}|A/V|gCg/gTg|rs${random(90_000_000)}||${random(2) ? 1 : -1}||HGNC|${random(40_000)}|tolerated(0.${random(99)})|benign(0.${random(99)})`
    );
  });
  return entries.join(',');
}

/** Writes the file; plain text. */
export async function writeSimulatedVcf(
  path: string,
  kind: SimulatedVcf,
  { records, samples }: Shape,
): Promise<void> {
  const random = generator(20261125);
  const out = createWriteStream(path);
  out.write(header(kind, samples));
  const perContig = Math.ceil(records / CONTIGS.length);
  let position = 0;
  for (let record = 0; record < records; record++) {
    if (record % perContig === 0) position = 10_000;
    position += 1 + random(SPACING[kind]);
    const [reference, alternate] = [
      ['A', 'G'],
      ['C', 'T'],
      ['G', 'A'],
      ['AT', 'A'],
      ['C', 'CTG'],
    ][random(5)]!;
    const filter = random(10) < 8 ? 'PASS' : 'LowQual';
    const all = info(random, 20 + random(80)) + (kind === 'vep' ? `;CSQ=${csq(random, alternate!)}` : '');
    const columns = Array.from({ length: samples }, () => genotype(random)).join('\t');
    const fixed = `${CONTIGS[Math.floor(record / perContig)]}\t${position}\t${random(2) ? `rs${random(90_000_000)}` : '.'}\t${reference}\t${alternate}\t${(random(300_000) / 100).toFixed(2)}\t${filter}\t${all}`;
    if (!out.write(`${fixed}\tGT:AD:DP:GQ:PL\t${columns}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}
