import { compare, type Difference } from './truth.ts';

const ROWS_SHOWN = 80;

/** The query's rows beside the truth, then recall and precision; only the rows where there is no truth. */
export function report(
  called: readonly Difference[],
  truth: readonly Difference[] | undefined,
): readonly string[] {
  if (!truth)
    return [
      ...table(called.map((one) => row(one, ''))),
      '',
      `${called.length} variants; no truth.tsv to compare with.`,
    ];
  const comparison = compare(truth, called);
  const found = new Set(comparison.found.map((one) => `${one.contig}:${one.position}`));
  const rows = [
    ...called.map((one) =>
      row(one, found.has(`${one.contig}:${one.position}`) ? 'true' : 'not in the truth'),
    ),
    ...comparison.missed.map((one) => row(one, 'MISSED')),
  ].sort((a, b) => a[0]!.localeCompare(b[0]!) || Number(a[1]) - Number(b[1]));
  const figures = `recall ${comparison.recall.toFixed(3)}, precision ${comparison.precision.toFixed(3)}`;
  return [
    ...table(rows),
    '',
    `${comparison.found.length} of ${truth.length} differences found, ${comparison.others.length} other calls: ${figures}`,
  ];
}

function row(one: Difference, verdict: string): readonly string[] {
  return [one.contig, String(one.position), one.reference, one.alternate, verdict];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const shown = [['contig', 'position', 'ref', 'alt', 'truth'], ...rows.slice(0, ROWS_SHOWN)];
  const widths = shown[0]!.map((_, column) => Math.max(...shown.map((cells) => cells[column]!.length)));
  const lines = shown.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd(),
  );
  return rows.length > ROWS_SHOWN ? [...lines, `  … and ${rows.length - ROWS_SHOWN} more`] : lines;
}
