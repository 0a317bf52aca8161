import type { Readable } from 'node:stream';
import { GFF_COLUMNS } from '../gff/columns.ts';
import { parseFeature } from '../gff/feature.ts';
import { featureValues } from '../gff/row.ts';
import type { Column } from '../table/columns.ts';
import { type Place, RowWriter } from '../table/row-writer.ts';
import { type ColumnPlan, planOfHeader, planWithoutHeader } from '../tsv/header.ts';
import { type TsvLayout, tsvColumns } from '../tsv/layout.ts';
import type { TsvReading } from '../tsv/reading.ts';
import { RowReader } from '../tsv/row.ts';
import { splitRow } from '../tsv/split-row.ts';
import { textLines } from '../tsv/text-lines.ts';
import { byteLines } from '../vcf/byte-lines.ts';
import { decompressed } from '../vcf/decompress.ts';
import { openFasta } from '../vcf/fasta.ts';
import { VcfError } from '../vcf/vcf-error.ts';
import type { ImportRequest, ImportSummary } from './protocol.ts';

type Add = (values: Parameters<RowWriter['add']>[0], place: Place | undefined) => Promise<void>;

/** One pass over a plain, gzip or bgzip GFF3 file. Throws VcfError where it is wrong. */
export function importGff(source: Readable, request: ImportRequest): Promise<ImportSummary> {
  return written(GFF_COLUMNS, request, async (add) => {
    let number = 0;
    for await (const lines of byteLines(decompressed(source))) {
      for (const line of lines) {
        number++;
        // "##FASTA", or the first sequence without it, ends the features; the stream is read on to its end.
        if (line.startsWith('##FASTA') || line.startsWith('>')) number = -Infinity;
        if (number < 0 || line.startsWith('#') || line.trim() === '') continue;
        const feature = parseFeature(line, number);
        await add(featureValues(feature), { contig: feature.seqid, start: feature.start, end: feature.end });
      }
    }
  });
}

/** One pass over a plain, gzip or bgzip TSV or CSV file. Throws VcfError where a row is wrong. */
export async function importTsv(
  source: Readable,
  request: ImportRequest,
  layout: TsvLayout,
  reading: TsvReading,
): Promise<ImportSummary> {
  const reference = request.reference && openFasta(request.reference.fasta, request.reference.index);
  const reader = new RowReader(layout, reference);
  try {
    return await written(tsvColumns(layout), request, async (add) => {
      let plan: ColumnPlan | undefined = reading.header ? undefined : planWithoutHeader(layout);
      let number = 0;
      for await (const lines of textLines(decompressed(source), reading)) {
        for (const line of lines) {
          number++;
          if (line === '' || (reading.comment !== undefined && line.startsWith(reading.comment))) continue;
          const fields = splitRow(line, reading, number);
          if (plan) {
            const { values, place } = reader.read(fields, plan, number);
            await add(values, place);
          } else plan = planOfHeader(fields, layout, number);
        }
      }
      if (!plan) throw new VcfError('the file has no header line, and header is true');
    });
  } finally {
    reference?.close();
  }
}

async function written(
  columns: readonly Column[],
  { directory, rowsPerGroup }: ImportRequest,
  read: (add: Add) => Promise<void>,
): Promise<ImportSummary> {
  const writer = new RowWriter(columns, directory, rowsPerGroup);
  const contigs = new Set<string>();
  let rows = 0;
  try {
    await read((values, place) => {
      rows++;
      if (place) contigs.add(place.contig);
      return writer.add(values, place);
    });
    const files = await writer.finish();
    return { files, records: rows, rows, contigs: [...contigs] };
  } finally {
    await writer.close();
  }
}
