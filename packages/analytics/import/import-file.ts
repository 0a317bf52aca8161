import type { Readable } from 'node:stream';
import { importGff, importTsv } from './import-rows.ts';
import { importVcf } from './import-vcf.ts';
import type { ImportRequest, ImportSummary } from './protocol.ts';

/** One pass over a file of the kind that the request names; a VCF unless it names one. */
export function importFile(source: Readable, request: ImportRequest): Promise<ImportSummary> {
  const { format = { kind: 'vcf' } } = request;
  if (format.kind === 'gff') return importGff(source, request);
  if (format.kind === 'tsv') return importTsv(source, request, format.layout, format.reading);
  return importVcf(source, request);
}
