import type { Readable } from 'node:stream';
import type { ByteRange, Materialized, ObjectFacts } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';

/** Where an object is, its URI parsed. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** One kind of buckets behind the Objects port. Facts carry the URI that was asked for. */
export interface ObjectsPart {
  ownerOf(actor: Actor, place: Place): Promise<string>;
  head(actor: Actor, place: Place): Promise<ObjectFacts>;
  open(actor: Actor, place: Place, range?: ByteRange): Promise<ObjectFacts & { readonly body: Readable }>;
  put(
    actor: Actor,
    place: Place,
    body: AsyncIterable<Uint8Array>,
    contentType?: string,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<ObjectFacts>;
  putFile(actor: Actor, place: Place, path: string, contentType?: string): Promise<ObjectFacts>;
  list(actor: Actor, prefix: Place): AsyncIterable<ObjectFacts>;
  remove(actor: Actor, place: Place): Promise<void>;
  materialize(actor: Actor, place: Place): Promise<Materialized & ObjectFacts>;
}

export function uriOf({ bucket, key }: Place): string {
  return `s3://${bucket}/${key}`;
}

/** The file name that a native reader shall see. */
export function fileNameOf({ key }: Place): string {
  return key.split('/').findLast((part) => part !== '') ?? 'object';
}
