import type { ETagAlgorithmFamily, SseConfig } from '@aws-sdk/client-omics';
import { amongIds, type ResourceDefinition } from '@helicase/records';
import type { AccessPolicy } from '../access-point/policy.ts';
import { sequenceStoreArn } from '../arns.ts';

export interface SequenceStoreDoc {
  readonly name: string;
  readonly description?: string;
  readonly sseConfig?: SseConfig;
  readonly tags: Readonly<Record<string, string>>;
  readonly fallbackLocation?: string;
  readonly eTagAlgorithmFamily: ETagAlgorithmFamily;
  readonly propagatedSetLevelTags: readonly string[];
  readonly accessLogLocation?: string;
  readonly s3AccessPolicy?: AccessPolicy;
}

export type SequenceStoreState = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING' | 'FAILED';
export type SequenceStoreColumn = 'name';

export const sequenceStoreKind: ResourceDefinition<
  SequenceStoreDoc,
  SequenceStoreState,
  SequenceStoreColumn
> = {
  kind: 'sequence-store',
  // A store is whole with its row: it is created ACTIVE and removed at once. The model's other states are not entered.
  machine: { CREATING: {}, ACTIVE: {}, UPDATING: {}, DELETING: {}, FAILED: {} },
  columns: { name: (doc) => doc.name },
  announced: {
    detailType: 'Sequence Store Status Change',
    arn: ({ scope, id }) => sequenceStoreArn(scope, id),
    detail: ({ id, doc }) => ({ id, name: doc.name }),
    status: ({ to, type }) => (type === 'created' ? 'CREATED' : (to ?? 'DELETED')),
  },
  tagged: {
    type: 'omics:sequenceStore',
    arn: ({ scope, id }) => sequenceStoreArn(scope, id),
    among: amongIds(/^sequenceStore\/([0-9]+)$/),
  },
};
