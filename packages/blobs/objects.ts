import type { Readable } from 'node:stream';
import type { Actor } from '@helicase/kernel';
import type { BlobRef, ByteRange, Materialized } from './blob.ts';

/** What is known of an object at an `s3://` URI. */
export interface ObjectFacts {
  readonly uri: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modifiedAt: number;
}

/**
 * Objects behind `s3://` URIs, embedded or external, opened in somebody's name: how imports read their sources,
 * runs stage inputs and leave outputs, queries write results. Errors are ServiceErrors: NoSuchBucket, NoSuchKey,
 * AccessDenied, with the URI in the message.
 */
export interface Objects {
  /**
   * The account that owns the bucket; of external buckets the actor's own. Needs no permission: whoever asks compares it
   * with an account that was named, and tells nobody.
   */
  ownerOf(actor: Actor, uri: string): Promise<string>;
  head(actor: Actor, uri: string): Promise<ObjectFacts>;
  open(actor: Actor, uri: string, range?: ByteRange): Promise<ObjectFacts & { readonly body: Readable }>;
  /** `metadata`: the object's own, as `x-amz-meta-` headers give it back. */
  put(
    actor: Actor,
    uri: string,
    body: Readable | Uint8Array,
    contentType?: string,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<ObjectFacts>;
  /** Stores a finished local file, without copying where the store can; the file may be gone after. */
  putFile(actor: Actor, uri: string, path: string, contentType?: string): Promise<ObjectFacts>;
  /** Objects whose key begins with the URI's. */
  list(actor: Actor, prefix: string): AsyncIterable<ObjectFacts>;
  remove(actor: Actor, uri: string): Promise<void>;
  /** Plain bytes at a local path: as they lie where the bucket is embedded, copied into scratch where it is external. */
  materialize(actor: Actor, uri: string): Promise<Materialized & ObjectFacts>;
}

/** `s3://bucket/key` parts, or undefined where the text is no such URI. The key may be ''. */
export function parseS3Uri(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri);
  return match ? { bucket: match[1]!, key: match[2] ?? '' } : undefined;
}

/** What a bucket's side adds to the question whether somebody may: its account, its policies, its access point. */
export interface BucketGuard {
  readonly owner: string;
  /** JSON texts: the bucket policy, or the S3 access policy of a sequence store. */
  readonly policies?: readonly string[];
  /** `s3:DataAccessPointArn`, of buckets that are reached through an access point. */
  readonly accessPointArn?: string;
  /** Tags of the object at a key: `s3:ExistingObjectTag/…`; asked for only where a policy asks. */
  tags?(key: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** A read-only view that another room hangs into the buckets (active read sets of a sequence store, for example). */
export interface BucketView {
  /** Bucket name or access point alias that this view answers for, in this scope; undefined where it is not one of its. */
  find(actor: Actor, bucket: string): Promise<BucketViewObjects | undefined>;
  /** The alias of an access point of this view's, by its ARN; undefined where the ARN can be none of its. */
  aliasOf?(accessPointArn: string): string | undefined;
  /** Told of each S3 request to a bucket, refused ones too, once its answer has ended. */
  accessed?(actor: Actor, access: BucketAccess): Promise<void>;
}

/** An S3 request as server access logs tell it; times in milliseconds. */
export interface BucketAccess {
  readonly bucket: string;
  readonly key?: string;
  /** When it came. */
  readonly at: number;
  readonly remoteAddress: string;
  /** ARN. */
  readonly requester: string;
  readonly requestId: string;
  /** `REST.GET.OBJECT` */
  readonly operation: string;
  /** `GET /bucket/key HTTP/1.1`, as on the wire. */
  readonly requestLine: string;
  readonly status: number;
  readonly errorCode?: string;
  readonly bytesSent: number;
  readonly objectSize?: number;
  readonly totalTime: number;
  readonly turnAroundTime?: number;
  readonly referer?: string;
  readonly userAgent?: string;
  readonly signedBy: 'header' | 'query';
  /** Of TLS: `TLSv1.3`, and the cipher suite. */
  readonly protocol?: string;
  readonly cipher?: string;
  readonly host: string;
}

export interface BucketViewObject extends ObjectFacts {
  /** Its bytes in order. */
  readonly blobs: readonly BlobRef[];
  readonly tags: readonly (readonly [string, string])[];
  /** Of its bytes, base64. */
  readonly sha256?: string;
}

export interface BucketViewObjects {
  /** Whose it is and what its own policies say; absent: the account's that asks. */
  readonly guard?: BucketGuard;
  /** A ServiceError where there is an object that cannot be read now (InvalidObjectState). */
  head(key: string): Promise<BucketViewObject | undefined>;
  list(
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly (ObjectFacts & { readonly key: string })[]>;
}
