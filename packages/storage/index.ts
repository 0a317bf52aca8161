export { errors as storageErrors } from './errors.ts';
export { s3Form } from './access-point/s3-form.ts';
export type { OmicsFileFacts, OmicsFiles } from './omics-files/omics-files.ts';
export type { ReferenceFacts, References } from './reference/references.ts';
export type { StorageOptions } from './room.ts';
export { createStorage, type Storage } from './storage.ts';
export { bytesPerGigabase, type TierUsage } from './tiering/usage.ts';
