import type { FormatOptions } from '@aws-sdk/client-omics';
import { annotationErrors } from '../annotation-store/errors.ts';
import type { AnnotationStoreDoc } from '../annotation-store/model.ts';
import type { FileFormat } from '../import/protocol.ts';
import { ANNOTATION_RULES, type TsvLayout } from '../tsv/layout.ts';
import { readingProblem, tsvReading } from '../tsv/reading.ts';

/** How the job's file is to be read: the store's format with the request's options. Throws where they do not fit. */
export function fileFormat(
  { format }: Pick<AnnotationStoreDoc, 'format'>,
  layout: TsvLayout | undefined,
  options: FormatOptions | undefined,
): FileFormat {
  const { tsvOptions, vcfOptions } = options ?? {};
  if (tsvOptions && format !== 'TSV') throw annotationErrors.formatMismatch({ given: 'tsvOptions', format });
  if (vcfOptions && format !== 'VCF') throw annotationErrors.formatMismatch({ given: 'vcfOptions', format });
  if (format === 'GFF') return { kind: 'gff' };
  if (!layout) {
    const { ignoreQualField = false, ignoreFilterField = false } = vcfOptions ?? {};
    return { kind: 'vcf', ignoreQuality: ignoreQualField, ignoreFilter: ignoreFilterField };
  }
  const reading = tsvReading(tsvOptions?.readOptions ?? {});
  const problem = readingProblem(reading);
  if (problem) throw annotationErrors.badReadOptions({ problem });
  return { kind: 'tsv', layout, reading };
}

/** What stands against left normalization of such a file; undefined where nothing does. */
export function unnormalizable(format: FileFormat): string | undefined {
  if (format.kind === 'gff') return 'GFF';
  if (format.kind === 'vcf') return undefined;
  const { annotationType } = format.layout;
  return ANNOTATION_RULES[annotationType].keys.includes('REF') ? undefined : `the type ${annotationType}`;
}
