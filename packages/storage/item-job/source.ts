import type { Readable } from 'node:stream';
import type { ObjectFacts } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { Room } from '../room.ts';
import { SourceRefused } from './refused.ts';

/** One file that a pass reads, wherever it lies. */
export interface Source {
  /** How messages name it. */
  readonly name: string;
  readonly size: number;
  open(): Promise<Readable>;
  /** Throws SourceRefused where the file is not any more what it was when the source was made. */
  refuseChanged(): Promise<void>;
}

/** Objects of S3, opened in the role's name, as they are now; refused where one is empty. */
export function objectSources(room: Room, actor: Actor, uris: readonly string[]): Promise<Source[]> {
  return Promise.all(uris.map((uri) => objectSource(room, actor, uri)));
}

async function objectSource(room: Room, actor: Actor, uri: string): Promise<Source> {
  const head = await room.objects.head(actor, uri);
  if (head.size === 0) throw new SourceRefused(`${uri}: the file is empty`);
  return {
    name: uri,
    size: head.size,
    async open() {
      const opened = await room.objects.open(actor, uri);
      if (opened.etag === head.etag) return opened.body;
      opened.body.destroy();
      throw changed(head, opened);
    },
    async refuseChanged() {
      const now = await room.objects.head(actor, uri);
      if (now.etag !== head.etag || now.size !== head.size) throw changed(head, now);
    },
  };
}

function changed(before: ObjectFacts, after: ObjectFacts): SourceRefused {
  return new SourceRefused(
    `${before.uri} changed while it was imported (ETag ${before.etag}, then ${after.etag}). Import it again.`,
  );
}
