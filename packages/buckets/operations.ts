import { bucketOperations } from './bucket/operations.ts';
import { ownershipOperations } from './bucket/ownership-operations.ts';
import { policyOperations } from './bucket/policy-operations.ts';
import { encryptionOperations } from './encryption/operations.ts';
import { copyOperation } from './object/copy.ts';
import { deleteObjectsOperation } from './object/delete-objects.ts';
import { listOperations } from './object/list-operations.ts';
import { readOperations } from './object/read-operations.ts';
import { writeOperations } from './object/write-operations.ts';
import type { S3Operation } from './protocol/operation.ts';
import { uploadOperations } from './upload/operations.ts';

/** Every S3 operation that there is; anything else is answered with NotImplemented. */
export const s3Operations: readonly S3Operation[] = [
  ...bucketOperations,
  ...policyOperations,
  ...ownershipOperations,
  ...encryptionOperations,
  ...listOperations,
  ...readOperations,
  ...writeOperations,
  copyOperation,
  deleteObjectsOperation,
  ...uploadOperations,
];
