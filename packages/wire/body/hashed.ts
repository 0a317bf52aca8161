import { createHash } from 'node:crypto';
import { errors } from '../errors.ts';
import type { Bytes } from './source.ts';

/** Passes the bytes on and fails at their end where their SHA-256 is not the declared one (hexadecimal). */
export async function* hashedBytes(source: Bytes, declared: string): Bytes {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== declared.toLowerCase()) throw errors.bodyHashMismatch({});
}
