import type { SseConfig } from '@aws-sdk/client-omics';
import { amongIds, type ResourceDefinition } from '@helicase/records';
import type { AccessPolicy } from '../access-point/policy.ts';
import { referenceStoreArn } from '../arns.ts';

export interface ReferenceStoreDoc {
  readonly name: string;
  readonly description?: string;
  readonly sseConfig?: SseConfig;
  readonly s3AccessPolicy?: AccessPolicy;
  readonly tags: Readonly<Record<string, string>>;
}

export type ReferenceStoreStatus = 'ACTIVE';
export type ReferenceStoreColumn = 'name' | 'slot';

export const referenceStoreKind: ResourceDefinition<
  ReferenceStoreDoc,
  ReferenceStoreStatus,
  ReferenceStoreColumn
> = {
  kind: 'reference-store',
  machine: { ACTIVE: {} },
  // The guide's quota: one reference store per account and region. One slot, taken once, holds against any race.
  columns: { name: (doc) => doc.name, slot: () => 'the-one' },
  unique: ['slot'],
  announced: {
    detailType: 'Reference Store Status Change',
    arn: ({ scope, id }) => referenceStoreArn(scope, id),
    detail: ({ id, doc }) => ({ id, name: doc.name }),
    status: ({ type }) => (type === 'deleted' ? 'DELETED' : 'CREATED'),
  },
  tagged: {
    type: 'omics:referenceStore',
    arn: ({ scope, id }) => referenceStoreArn(scope, id),
    among: amongIds(/^referenceStore\/([0-9]+)$/),
  },
};
