import type { Readable } from 'node:stream';
import {
  type BlobRef,
  type ByteRange,
  type Materialized,
  materializeBlobs,
  readBlobs,
} from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import { errors } from '../errors.ts';
import { findReadSet, refuseInactive } from '../read-set/operations.ts';
import { findReference } from '../reference/operations.ts';
import type { Room } from '../room.ts';
import { fileBlobs, fileSize, type StoredFile } from '../stored-file.ts';
import { touchReadSet } from '../tiering/idle.ts';
import { type OmicsUri, parseOmicsUri } from './uri.ts';

/** What is known of a file of a read set or a reference. */
export interface OmicsFileFacts {
  readonly uri: string;
  /** The name that tools expect, `sample.bam` or `sample.bam.bai`. */
  readonly name: string;
  readonly size: number;
  /** Changes never: stored files are immutable. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modifiedAt: number;
}

/**
 * Files behind `omics://` URIs, in somebody's name: how workflows read read sets and references. Errors are
 * ServiceErrors: ValidationException for a malformed URI, AccessDeniedException for another account or region,
 * ResourceNotFoundException with the ids.
 */
export interface OmicsFiles {
  head(actor: Actor, uri: string): Promise<OmicsFileFacts>;
  open(actor: Actor, uri: string, range?: ByteRange): Promise<OmicsFileFacts & { readonly body: Readable }>;
  materialize(actor: Actor, uri: string): Promise<Materialized & OmicsFileFacts>;
}

export function createOmicsFiles(room: Room): OmicsFiles {
  return {
    head: async (actor, uri) => (await find(room, actor, uri)).facts,
    open: async (actor, uri, range) => {
      const { facts, blobs } = await find(room, actor, uri);
      return { ...facts, body: readBlobs(room.vault, blobs, range) };
    },
    materialize: async (actor, uri) => {
      const { facts, blobs } = await find(room, actor, uri);
      const { path, release } = await materializeBlobs(room.vault, blobs, facts.name);
      return { ...facts, path, release };
    },
  };
}

async function find(
  room: Room,
  actor: Actor,
  uri: string,
): Promise<{ facts: OmicsFileFacts; blobs: readonly BlobRef[] }> {
  const parts = parseOmicsUri(uri);
  if (parts.scope.account !== actor.scope.account || parts.scope.region !== actor.scope.region)
    throw errors.otherWorld({ uri, principal: actor.principal.arn });
  const { file, etag, modifiedAt } = await fileOf(room, parts);
  if (!file) throw errors.fileNotFound({ owner: uri, file: parts.file });
  return {
    facts: { uri, name: file.name, size: fileSize(file), etag, modifiedAt },
    blobs: fileBlobs(file),
  };
}

async function fileOf(
  room: Room,
  { scope, store, kind, id, file }: OmicsUri,
): Promise<{ file: StoredFile | undefined; etag: string; modifiedAt: number }> {
  if (kind === 'reference') {
    const row = await findReference(room, scope, store, id);
    const { source, index } = row.doc.files;
    return {
      file: file === 'index' ? index : source,
      etag: `${row.doc.md5}/${file}`,
      modifiedAt: row.createdAt,
    };
  }
  const row = await findReadSet(room, scope, store, id);
  refuseInactive(row);
  await touchReadSet(room.records.direct, scope, id, room.clock.now());
  const { source1, source2, index } = row.doc.files;
  const { etag } = row.doc;
  const found = file === 'index' ? index : file === 'source2' ? source2 : source1;
  const digest = (file === 'source2' ? etag?.source2 : etag?.source1) ?? '';
  return { file: found, etag: `${digest}/${file}`, modifiedAt: row.createdAt };
}
