export type {
  BlobRef,
  BlobSink,
  BlobStore,
  ByteRange,
  Materialized,
  Vault,
  VaultSink,
  VaultWrite,
} from './blob.ts';
export type { KeyRing, WrappedKeyRows } from './keys.ts';
export {
  type BucketView,
  type BucketViewObjects,
  type ObjectFacts,
  type Objects,
  parseS3Uri,
} from './objects.ts';
