export { type Buckets, type BucketsOptions, createBuckets } from './create-buckets.ts';
export type { ExternalBucketConfig } from './objects-port/external.ts';
export { s3Operations } from './operations.ts';
export type { S3Operation } from './protocol/operation.ts';
