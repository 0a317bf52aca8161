export type {
  BlobRef,
  BlobSink,
  BlobStore,
  ByteRange,
  Materialized,
  OwnedBlob,
  Vault,
  VaultSink,
  VaultWrite,
} from './blob.ts';
export { BlobExists, BlobMissing, KeyUnavailable, RootKeyUnusable, SealBroken } from './errors.ts';
export { type FolderStoreOptions, openFolderStore } from './folder/store.ts';
export { type KeyRingOptions, openKeyRing } from './keyring/key-ring.ts';
export { loadRootKey, wrappedRootKeyFile, type RootKeySource } from './keyring/root-key.ts';
export type { KeyRing, WrappedKeyRows } from './keys.ts';
export {
  type BucketAccess,
  type BucketGuard,
  type BucketView,
  type BucketViewObject,
  type BucketViewObjects,
  type ObjectFacts,
  type Objects,
  parseS3Uri,
} from './objects.ts';
export { createS3Client, isNotFound, type S3Access } from './s3/client.ts';
export { download, type DownloadSource } from './s3/download.ts';
export { openS3Store, type S3StoreOptions } from './s3/store.ts';
export { UploadSink, type UploadTarget } from './s3/upload-sink.ts';
export { sealedSize } from './sealing/segments.ts';
export {
  MemoryKeyRows,
  MemoryLedger,
  openTestVault,
  type TestVault,
  type TestVaultOptions,
} from './testing.ts';
export type { VaultLedger } from './vault/ledger.ts';
export { materializeBlobs, readBlobs } from './vault/read-blobs.ts';
export { createVault, type VaultOptions } from './vault/vault.ts';
export { storeContract, type StorePromise } from './store-contract.ts';
