import { createHash } from 'node:crypto';
import { BlobMissing, KeyUnavailable, type OwnedBlob, SealBroken, type Vault } from '@helicase/blobs';
import { ServiceError } from '@helicase/kernel';

/** What reading a blob from one end to the other found; `fault` is a sentence that names blob and owner. */
export type Reading =
  | { readonly kind: 'whole' }
  /** `damaged`: the bytes are not what was written. `unreadable`: the store did not give them, maybe for a time. */
  | { readonly kind: 'damaged' | 'unreadable' | 'without key'; readonly fault: string };

export interface ReadThroughOptions {
  /** Plain bytes before it are taken as read; sealed blobs only, a digest has to see all. */
  readonly from?: number;
  /** Awaited after each piece: who reads slowly waits here. */
  readonly onRead?: (bytes: number) => Promise<void>;
}

/** Reads a blob: each sealed segment is authenticated, and the plain bytes are compared with a digest that is known. */
export async function readThrough(
  vault: Pick<Vault, 'read'>,
  owned: OwnedBlob,
  options: ReadThroughOptions = {},
): Promise<Reading> {
  const { blob, owner } = owned;
  const named = `(blob ${blob.id})`;
  try {
    const { digest, end } = await drain(vault, owned, options);
    const { md5 = digest } = owned;
    if (end !== blob.size)
      return damaged(`The bytes of ${owner} are ${end} long and should be ${blob.size} ${named}.`);
    if (digest !== undefined && digest !== md5)
      return damaged(`The bytes of ${owner} have the MD5 ${digest} and should have ${md5} ${named}.`);
    return { kind: 'whole' };
  } catch (error) {
    const fault = `The bytes of ${owner} cannot be read: ${(error as Error).message} ${named}.`;
    return { kind: kindOf(error), fault };
  }
}

async function drain(
  vault: Pick<Vault, 'read'>,
  { blob, md5 }: OwnedBlob,
  { from = 0, onRead }: ReadThroughOptions,
) {
  const hash = md5 === undefined || from > 0 ? undefined : createHash('md5');
  const rest = from > 0 ? { start: from, end: blob.size - 1 } : undefined;
  let end = from;
  for await (const chunk of vault.read(blob, rest) as AsyncIterable<Buffer>) {
    hash?.update(chunk);
    end += chunk.length;
    await onRead?.(chunk.length);
  }
  return { digest: hash?.digest('hex'), end };
}

function damaged(fault: string): Reading {
  return { kind: 'damaged', fault };
}

/** A customer's key that may not be used is a refusal with a code; a wrapped key that does not open is damage. */
function kindOf(error: unknown): 'damaged' | 'unreadable' | 'without key' {
  if (error instanceof ServiceError) return 'without key';
  const known = [SealBroken, BlobMissing, KeyUnavailable];
  return known.some((kind) => error instanceof kind) ? 'damaged' : 'unreadable';
}
