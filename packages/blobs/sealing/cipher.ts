import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { TAG_SIZE } from './segments.ts';

/** Where a segment stands. Bound to it, so that no segment passes for another, or for the end. */
export interface SegmentPlace {
  readonly blobId: string;
  readonly index: number;
  readonly last: boolean;
}

/** The stored form of a segment: its bytes encrypted, then the tag. */
export function sealSegment(key: KeyObject, place: SegmentPlace, plain: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place), { authTagLength: TAG_SIZE });
  cipher.setAAD(Buffer.from(place.blobId, 'utf8'));
  const bytes = cipher.update(plain);
  cipher.final();
  return [bytes, cipher.getAuthTag()];
}

/** The plain bytes, or undefined where the segment is not what was sealed at this place. */
export function openSegment(key: KeyObject, place: SegmentPlace, stored: Uint8Array): Buffer | undefined {
  if (stored.length < TAG_SIZE) return undefined;
  const end = stored.length - TAG_SIZE;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place), { authTagLength: TAG_SIZE });
  decipher.setAAD(Buffer.from(place.blobId, 'utf8'));
  decipher.setAuthTag(stored.subarray(end));
  const plain = decipher.update(stored.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

/** 11 bytes of position and one that says whether it is the last: unique under a key that seals one blob only. */
function nonceOf(place: SegmentPlace): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(place.index, 5, 6);
  nonce[11] = place.last ? 1 : 0;
  return nonce;
}
