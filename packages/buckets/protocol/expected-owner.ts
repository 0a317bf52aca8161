import { errors } from '../errors.ts';
import type { Call } from './call.ts';

/** Headers by which a client makes sure that a bucket is still whose it was. */
export type OwnerHeader = 'x-amz-expected-bucket-owner' | 'x-amz-source-expected-bucket-owner';

/** Throws AccessDenied where the header names another account than the bucket's. */
export async function expectOwner(call: Call, header: OwnerHeader, bucket: string): Promise<void> {
  const expected = call.header(header);
  if (expected === undefined || expected === (await call.rooms.finder.ownerOf(call.raw, bucket))) return;
  const why = `The bucket does not belong to the account ${expected} that the request expects.`;
  const who = call.raw.principal.arn;
  throw errors.accessDenied({ who, action: 'proceed', resource: `the bucket ${bucket}`, why });
}
