import type { FormatOptions } from '@aws-sdk/client-omics';
import { omicsArn } from '@helicase/kernel';
import type { FileFormat } from '../import/protocol.ts';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

export type ImportJobStatus =
  'SUBMITTED' | 'IN_PROGRESS' | 'CANCELLED' | 'COMPLETED' | 'FAILED' | 'COMPLETED_WITH_FAILURES';

export interface ImportItem {
  readonly source: string;
  readonly status: ImportJobStatus;
  readonly message: string;
  /** Contigs of the file that the reference lacks; known once it was read. */
  readonly unknownContigs?: readonly string[];
  /** The first line of the file that lies before the one above it. */
  readonly unsorted?: number | undefined;
  /** The INFO key that annotationFields names, where the file's header describes no VEP annotation under it. */
  readonly noAnnotation?: string | undefined;
}

export interface ImportJobDoc {
  /** The store's name, as the request gave it. */
  readonly destination: string;
  /** The id that the files go under: the variant store's, or the annotation store version's. */
  readonly storeId: string;
  readonly referenceArn: string | undefined;
  readonly roleArn: string;
  readonly runLeftNormalization: boolean;
  readonly annotationFields: Readonly<Record<string, string>>;
  readonly items: readonly ImportItem[];
  readonly completedAt?: number;
  /** Present in an annotation import. */
  readonly annotation?: AnnotationImport;
}

/** What an annotation import has beyond a variant import. */
export interface AnnotationImport {
  readonly versionName: string;
  readonly format: FileFormat;
  /** As the request gave them. */
  readonly formatOptions: FormatOptions | undefined;
}

export type ImportJob = Resource<ImportJobDoc, ImportJobStatus>;
export type ImportJobs = ResourceTable<ImportJobDoc, ImportJobStatus, 'destination', Transaction>;

/** A job that has come to one of these stays there. */
export const ENDED: ReadonlySet<ImportJobStatus> = new Set([
  'CANCELLED',
  'COMPLETED',
  'FAILED',
  'COMPLETED_WITH_FAILURES',
]);
export const UNFINISHED = ['SUBMITTED', 'IN_PROGRESS'] as const;

/** The jobs that do the work. */
export const IMPORT_KIND = 'variant-import';
export const ANNOTATION_IMPORT_KIND = 'annotation-import';

export function importKind({ annotation }: ImportJobDoc): string {
  return annotation ? ANNOTATION_IMPORT_KIND : IMPORT_KIND;
}

export function declareImportJobs(
  records: Records,
  kind: 'variant-import-job' | 'annotation-import-job' = 'variant-import-job',
): ImportJobs {
  return records.resource<ImportJobDoc, ImportJobStatus, 'destination'>({
    kind,
    machine: {
      SUBMITTED: {
        IN_PROGRESS: 'a worker took the job',
        CANCELLED: 'cancelled by the user',
        FAILED: 'the work failed',
      },
      IN_PROGRESS: {
        COMPLETED: 'every file was imported',
        COMPLETED_WITH_FAILURES: 'some files were imported',
        FAILED: 'no file was imported',
        CANCELLED: 'cancelled by the user',
      },
      COMPLETED: {},
      COMPLETED_WITH_FAILURES: {},
      FAILED: {},
      CANCELLED: {},
    },
    columns: { destination: (doc) => doc.destination },
    announced: {
      detailType:
        kind === 'variant-import-job'
          ? 'Variant Import Job Status Change'
          : 'Annotation Import Job Status Change',
      arn: ({ scope, id, doc }) => omicsArn(scope, `${doc.destination}/${id}`),
      detail: ({ id, doc }) => ({ jobId: id, storeId: doc.storeId, storeName: doc.destination }),
    },
  });
}

/** What the source's own bucket says has its name already. */
function withSource({ source, message }: ImportItem): string {
  return message.includes(source) ? message : `${source}: ${message}`;
}

/** The status that the items' outcomes make. */
export function outcomeOf(items: readonly ImportItem[]): 'COMPLETED' | 'COMPLETED_WITH_FAILURES' | 'FAILED' {
  const failed = items.filter(({ status }) => status === 'FAILED').length;
  if (failed === 0) return 'COMPLETED';
  return failed === items.length ? 'FAILED' : 'COMPLETED_WITH_FAILURES';
}

const CONTIGS_NAMED = 20;

/** What the user is told of the job as a whole: failures first, then contigs that were kept though unknown. */
export function messageOf(items: readonly ImportItem[]): string {
  const failed = items.filter(({ status }) => status === 'FAILED');
  const parts: string[] = [];
  if (failed.length > 0) {
    parts.push(sentence(`${failed.length} of ${items.length} files failed: ${withSource(failed[0]!)}`));
  }
  const unknown = [...new Set(items.flatMap((item) => item.unknownContigs ?? []))];
  if (unknown.length > 0) {
    const named = unknown.slice(0, CONTIGS_NAMED).join(', ');
    const more = unknown.length > CONTIGS_NAMED ? ` and ${unknown.length - CONTIGS_NAMED} more` : '';
    parts.push(`The reference has no contig ${named}${more}; what lies on them was imported as it is.`);
  }
  const unsorted = items.filter((item) => item.unsorted !== undefined);
  if (unsorted.length > 0) {
    const [{ source, unsorted: line }] = unsorted as [ImportItem];
    parts.push(
      `${source} is not sorted from line ${line} on${andOthers(unsorted)}; it was imported as it is.`,
    );
  }
  const bare = items.filter((item) => item.noAnnotation !== undefined);
  if (bare.length > 0) {
    const [{ source, noAnnotation: key }] = bare as [ImportItem];
    const header = 'the header "Consequence annotations from Ensembl VEP. Format: ..."';
    parts.push(
      `${source} has no INFO ${key} with ${header}${andOthers(bare)}; its rows have no annotations.`,
    );
  }
  return parts.join(' ');
}

function andOthers({ length }: readonly ImportItem[]): string {
  if (length === 1) return '';
  return length === 2 ? ' (and 1 other file)' : ` (and ${length - 1} other files)`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
