import { errors } from '../errors.ts';

/** Headers that ask for what this server does not do. Each is refused rather than ignored. */
const REFUSED = [
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-context',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-retain-until-date',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
] as const;

const GRANTS = ['read', 'write', 'read-acp', 'write-acp', 'full-control'].map(
  (what) => `x-amz-grant-${what}`,
);

/** Access lists that say what is so anyway: the bucket's account owns everything in it, nobody else reads it. */
const HARMLESS_ACLS = new Set(['private', 'bucket-owner-full-control', 'bucket-owner-read']);

/** Throws where the request asks for what would silently not happen. */
export function refuseUnsupported(header: (name: string) => string | undefined): void {
  const refused = REFUSED.find((name) => header(name) !== undefined);
  if (refused) throw errors.notImplemented({ feature: `The header ${refused}` });
  const acl = header('x-amz-acl');
  const grants = GRANTS.some((name) => header(name) !== undefined);
  if (grants || (acl !== undefined && !HARMLESS_ACLS.has(acl))) throw errors.accessListNotSupported({});
  if (header('x-amz-server-side-encryption-bucket-key-enabled')?.toLowerCase() === 'true') {
    throw errors.notImplemented({ feature: 'A key of the bucket between object and customer key' });
  }
  if (header('x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true') {
    throw errors.notImplemented({ feature: 'Object lock' });
  }
  const storageClass = header('x-amz-storage-class');
  if (storageClass !== undefined && storageClass !== 'STANDARD') {
    throw errors.invalidStorageClass({ value: storageClass });
  }
}
