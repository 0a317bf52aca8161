import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@helicase/kernel';

const NONCE_SIZE = 12;
const TAG_SIZE = 16;

/** Nonce, encrypted bytes, tag. `binding` is authenticated with them: it opens under the same one only. */
export function wrapBytes(key: Uint8Array, binding: string, plain: Uint8Array, random: Random): Buffer {
  const nonce = random.bytes(NONCE_SIZE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  cipher.setAAD(Buffer.from(binding, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plain bytes, or undefined where key, binding or bytes are not those of the wrapping. */
export function unwrapBytes(key: Uint8Array, binding: string, wrapped: Uint8Array): Buffer | undefined {
  if (wrapped.length < NONCE_SIZE + TAG_SIZE) return undefined;
  const end = wrapped.length - TAG_SIZE;
  const nonce = wrapped.subarray(0, NONCE_SIZE);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  decipher.setAAD(Buffer.from(binding, 'utf8'));
  decipher.setAuthTag(wrapped.subarray(end));
  const plain = decipher.update(wrapped.subarray(NONCE_SIZE, end));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}
