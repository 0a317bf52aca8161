import type { BlobRef } from '@helicase/blobs';
import type { Encryption } from '../encryption/encryption.ts';
import type { Algorithm } from '../checksum/algorithms.ts';

/** Headers that are kept with an object and given back with it, by their name on the wire. */
export const KEPT_HEADERS = [
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
] as const;
export type KeptHeader = (typeof KEPT_HEADERS)[number];

export interface Checksum {
  readonly algorithm: Algorithm;
  /** Base64; composite ones end in `-<number of parts>`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** What the writer said of an object, beside its bytes. */
export interface Description {
  readonly headers: { readonly [H in KeptHeader]?: string };
  /** `x-amz-meta-*` without the prefix. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly (readonly [string, string])[];
}

/** An object's row but for its place. */
export interface ObjectContent extends Description {
  /** Its bytes in order: one blob, those of a multipart upload's parts, or none where it is empty. */
  readonly blobs: readonly BlobRef[];
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
  readonly encryption?: Encryption | undefined;
  /** Sizes of the parts of a multipart upload. */
  readonly partSizes?: readonly number[] | undefined;
  /** The multipart upload that made it: completing it again answers the same. */
  readonly upload?: string | undefined;
}

export interface StoredObject extends ObjectContent {
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds. */
  readonly modifiedAt: number;
}

/** One line of a listing. */
export interface ObjectEntry {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
}

export const NOTHING_SAID: Description = { headers: {}, metadata: {}, tags: [] };
