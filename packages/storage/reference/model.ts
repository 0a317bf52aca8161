import { amongIds, type ResourceDefinition } from '@helicase/records';
import { referenceArn } from '../arns.ts';
import type { StoredFile } from '../stored-file.ts';

export interface ReferenceDoc {
  readonly name: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Hex MD5 of the file as imported. */
  readonly md5: string;
  readonly creationJobId: string;
  readonly files: {
    /** FASTA, plain or bgzip, as imported. */
    readonly source: StoredFile;
    /** Its .fai. */
    readonly index: StoredFile;
    /** The .gzi of a bgzip source, without which its .fai is of no use. */
    readonly blockIndex?: StoredFile;
    /** Names, lengths and MD5s of the contigs as a SAM sequence dictionary (.dict). */
    readonly dictionary: StoredFile;
  };
}

export type ReferenceStatus = 'ACTIVE';
export type ReferenceColumn = 'name' | 'md5';

export const referenceKind: ResourceDefinition<ReferenceDoc, ReferenceStatus, ReferenceColumn> = {
  kind: 'reference',
  machine: { ACTIVE: {} },
  columns: { name: (doc) => doc.name, md5: (doc) => doc.md5 },
  announced: {
    detailType: 'Reference Status Change',
    arn: ({ scope, parent, id }) => referenceArn(scope, parent, id),
    detail: ({ parent, id }) => ({ referenceStoreId: parent, id }),
  },
  tagged: {
    type: 'omics:reference',
    arn: ({ scope, parent, id }) => referenceArn(scope, parent, id),
    among: amongIds(/^referenceStore\/[0-9]+\/reference\/([0-9]+)$/),
  },
};
