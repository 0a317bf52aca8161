import { parseArn } from '@helicase/kernel';
import type { StateMachine } from '@helicase/records';
import type { ShareResourceType } from '@aws-sdk/client-omics';

/** A share as its owner has it. */
export interface ShareDoc {
  readonly name: string | undefined;
  readonly resourceArn: string;
  readonly type: ShareResourceType;
  /** The account that it is for. */
  readonly subscriber: string;
}

export type ShareStatus = 'PENDING' | 'ACTIVATING' | 'ACTIVE' | 'DELETING' | 'DELETED' | 'FAILED';

export const shareMachine: StateMachine<ShareStatus> = {
  PENDING: { ACTIVATING: 'the subscriber accepted it', DELETING: 'the owner or subscriber deleted it' },
  ACTIVATING: {
    ACTIVE: 'the resource is there for the subscriber',
    FAILED: 'the resource is gone',
    DELETING: 'deleted while it was activated',
  },
  ACTIVE: { DELETING: 'the owner or subscriber deleted it' },
  DELETING: { DELETED: 'nothing of it is left to use' },
  FAILED: { DELETING: 'the owner or subscriber deleted it' },
  DELETED: {},
};

/** The subscriber's half: it finds the share in its own scope. */
export interface ReceivedShareDoc {
  readonly owner: string;
  readonly resourceArn: string;
}

const TYPES: readonly (readonly [RegExp, ShareResourceType])[] = [
  [/^variantStore\/[^/]+$/, 'VARIANT_STORE'],
  [/^annotationStore\/[^/]+$/, 'ANNOTATION_STORE'],
  [/^workflow\/\d+$/, 'WORKFLOW'],
];

/** What kind of resource an ARN names; undefined where it cannot be shared. */
export function shareTypeOf(arn: string): ShareResourceType | undefined {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'omics') return undefined;
  return TYPES.find(([pattern]) => pattern.test(parsed.resource))?.[1];
}
