import type { Objects } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import { errors } from '../errors.ts';

/** Throws where the bucket of a URI is not the account's whose it was expected to be. */
export async function requireOwner(
  objects: Objects,
  actor: Actor,
  uri: string,
  owner: string,
): Promise<void> {
  if (!(await isOwnedBy(objects, actor, uri, owner))) throw errors.bucketOwnerOther({ uri, owner });
}

/** A bucket that is not there is nobody's. */
export async function isOwnedBy(
  objects: Objects,
  actor: Actor,
  uri: string,
  owner: string,
): Promise<boolean> {
  try {
    return (await objects.ownerOf(actor, uri)) === owner;
  } catch (error) {
    if (error instanceof ServiceError && error.status < 500) return false;
    throw error;
  }
}
