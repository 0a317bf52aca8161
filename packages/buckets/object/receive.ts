import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlobRef, Vault, VaultSink } from '@helicase/blobs';
import { giveBack, type Scope } from '@helicase/kernel';
import { type Algorithm, createDigester } from '../checksum/algorithms.ts';
import { errors } from '../errors.ts';
import type { Checksum } from './model.ts';

/** What the sender declared of the bytes, to be compared once they are all there. */
export interface Declared {
  readonly size?: number | undefined;
  readonly md5?: Buffer | undefined;
  readonly algorithm?: Algorithm | undefined;
  /** Asked when the body has ended, because it may be a trailer. Base64. */
  readonly checksum?: () => string | undefined;
}

/** Bytes that are in the vault and that nothing points to yet. */
export interface Received {
  readonly blobs: readonly BlobRef[];
  readonly size: number;
  /** Hex MD5. */
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
}

/** Takes a body into the vault as a blob, sealed where told, digesting on the way. Nothing stays where it fails. */
export async function receive(
  vault: Vault,
  scope: Scope,
  body: AsyncIterable<Uint8Array> | Readable,
  declared: Declared = {},
  sealedFor?: string,
): Promise<Received> {
  const md5 = createHash('md5');
  const digester = declared.algorithm && (await createDigester(declared.algorithm));
  let sink: VaultSink | undefined;
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      md5.update(chunk);
      digester?.update(chunk);
      sink ??= await vault.create({ scope, ...(sealedFor === undefined ? {} : { sealedFor }) });
      await sink.write(chunk);
      giveBack(chunk);
    }
    const etag = compareMd5(declared.md5, md5.digest());
    const checksum =
      digester && compareChecksum(declared.algorithm!, declared.checksum?.(), digester.digest());
    if (declared.size !== undefined && declared.size !== size) {
      throw errors.incompleteBody({ declared: declared.size, found: size });
    }
    const blobs = sink ? [await sink.finish()] : [];
    return { blobs, size, etag, checksum };
  } catch (error) {
    await sink?.abort();
    throw error;
  }
}

/** Throws BadDigest where the declared MD5 is another; answers what was found, in hex. */
export function compareMd5(declared: Buffer | undefined, found: Buffer): string {
  if (declared && !declared.equals(found)) {
    const given = declared.toString('base64');
    throw errors.badDigest({ digest: 'Content-MD5', declared: given, found: found.toString('base64') });
  }
  return found.toString('hex');
}

/** Throws BadDigest where the declared checksum (base64) is another. */
export function compareChecksum(algorithm: Algorithm, given: string | undefined, found: Buffer): Checksum {
  const value = found.toString('base64');
  if (given !== undefined && given !== value) {
    throw errors.badDigest({ digest: algorithm.toUpperCase(), declared: given, found: value });
  }
  return { algorithm, value, type: 'FULL_OBJECT' };
}
