import { Readable } from 'node:stream';
import { type ByteRange, type Objects, parseS3Uri } from '@helicase/blobs';
import { type Actor, ServiceError } from '@helicase/kernel';
import { errors } from '../errors.ts';
import type { ObjectsPart, Place } from './part.ts';

/** An external part and the prefix of the bucket names that it answers for. */
export interface ExternalPart {
  readonly prefix: string;
  readonly objects: ObjectsPart;
}

/** Throws AccessDenied where the actor may not do this there, at this moment. */
export type AuthorizePlace = (actor: Actor, action: string, place: Place) => Promise<void>;

/** The Objects port: each URI goes to the external part with the longest fitting prefix, or to the embedded buckets. */
export class RoutedObjects implements Objects {
  readonly #embedded: ObjectsPart;
  readonly #external: readonly ExternalPart[];
  readonly #authorize: AuthorizePlace;

  constructor(embedded: ObjectsPart, external: readonly ExternalPart[], authorize: AuthorizePlace) {
    this.#embedded = embedded;
    this.#authorize = authorize;
    this.#external = [...external].sort((a, b) => b.prefix.length - a.prefix.length);
  }

  async ownerOf(actor: Actor, uri: string): Promise<string> {
    try {
      const place = placeOf(uri);
      return await this.#partOf(place).ownerOf(actor, place);
    } catch (error) {
      throw naming(uri, error);
    }
  }

  head(actor: Actor, uri: string) {
    return this.#on(actor, 's3:GetObject', uri, (part, place) => part.head(actor, place));
  }

  open(actor: Actor, uri: string, range?: ByteRange) {
    return this.#on(actor, 's3:GetObject', uri, (part, place) => part.open(actor, place, range));
  }

  put(
    actor: Actor,
    uri: string,
    body: Readable | Uint8Array,
    contentType?: string,
    metadata?: Readonly<Record<string, string>>,
  ) {
    const bytes = body instanceof Uint8Array ? Readable.from(body.length > 0 ? [body] : []) : body;
    return this.#on(actor, 's3:PutObject', uri, (part, place) =>
      part.put(actor, place, bytes, contentType, metadata),
    );
  }

  putFile(actor: Actor, uri: string, path: string, contentType?: string) {
    return this.#on(actor, 's3:PutObject', uri, (part, place) =>
      part.putFile(actor, place, path, contentType),
    );
  }

  async *list(actor: Actor, prefix: string) {
    try {
      const place = placeOf(prefix);
      await this.#authorize(actor, 's3:ListBucket', place);
      yield* this.#partOf(place).list(actor, place);
    } catch (error) {
      throw naming(prefix, error);
    }
  }

  remove(actor: Actor, uri: string) {
    return this.#on(actor, 's3:DeleteObject', uri, (part, place) => part.remove(actor, place));
  }

  materialize(actor: Actor, uri: string) {
    return this.#on(actor, 's3:GetObject', uri, (part, place) => part.materialize(actor, place));
  }

  async #on<T>(
    actor: Actor,
    action: string,
    uri: string,
    ask: (part: ObjectsPart, place: Place) => Promise<T>,
  ): Promise<T> {
    try {
      const place = placeOf(uri);
      await this.#authorize(actor, action, place);
      return await ask(this.#partOf(place), place);
    } catch (error) {
      throw naming(uri, error);
    }
  }

  #partOf({ bucket }: Place): ObjectsPart {
    return this.#external.find(({ prefix }) => bucket.startsWith(prefix))?.objects ?? this.#embedded;
  }
}

function placeOf(uri: string): Place {
  const place = parseS3Uri(uri);
  if (place) return place;
  throw errors.invalidArgument({ name: 'S3 URI', value: uri, reason: 'it must be s3://bucket/key' });
}

/** Errors name the URI, because jobs show them beside many others. A redirect is of no use to a job: 400. */
function naming(uri: string, error: unknown): unknown {
  if (!(error instanceof ServiceError)) return error;
  const status = error.status < 400 ? 400 : error.status;
  const message = error.message.includes(uri) ? error.message : `${uri}: ${error.message}`;
  return new ServiceError(error.key, error.code, status, message);
}
