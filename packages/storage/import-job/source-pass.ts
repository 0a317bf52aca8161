import { createHash } from 'node:crypto';
import type { BlobRef, ObjectFacts, VaultSink } from '@helicase/blobs';
import { type Pass, pour } from '@helicase/formats';
import type { Actor } from '@helicase/kernel';
import type { Room } from '../room.ts';
import { SourceRefused } from './refused.ts';

export interface SourcePass<Facts> {
  readonly actor: Actor;
  /** `s3://` URIs, one per input of the pass. */
  readonly uris: readonly string[];
  /** The purpose of the key that seals the bytes: `sequenceStore/<id>`. */
  readonly sealedFor: string;
  readonly pass: Pass<Facts>;
  readonly signal: AbortSignal;
  progress(bytes: number, total: number): void;
}

export interface PassedSource<Facts> {
  readonly facts: Facts;
  /** In the order of the URIs. Finished, and kept by nobody yet. */
  readonly blobs: readonly BlobRef[];
  /** Hex MD5 of each file's bytes; only where asked for. */
  readonly md5s: readonly string[];
}

interface PassOptions<Facts> {
  /** Digests the bytes as they are (the reference's md5). */
  readonly md5?: boolean;
  /** Refuses (throws) what the facts show to be wrong, before anything is kept. */
  readonly check?: (facts: Facts) => Promise<void>;
}

/** The size and ETag that each source has now; refused where it is empty. */
export async function headSources(room: Room, actor: Actor, uris: readonly string[]): Promise<ObjectFacts[]> {
  const heads = await Promise.all(uris.map((uri) => room.objects.head(actor, uri)));
  const empty = heads.find((head) => head.size === 0);
  if (empty) throw new SourceRefused(`${empty.uri}: the file is empty`);
  return heads;
}

/**
 * One pass over the bytes of one resource: read in the role's name, sealed into the vault and validated, digested,
 * counted and indexed by the pass at the same time. Nothing stays where any of it fails.
 */
export async function passSources<Facts>(
  room: Room,
  work: SourcePass<Facts>,
  heads: readonly ObjectFacts[],
  options: PassOptions<Facts> = {},
): Promise<PassedSource<Facts>> {
  const { pass, actor, sealedFor } = work;
  const stop = (): void => pass.stop();
  work.signal.addEventListener('abort', stop, { once: true });
  const sinks: VaultSink[] = [];
  const finished: BlobRef[] = [];
  try {
    for (const _ of heads) sinks.push(await room.vault.create({ scope: actor.scope, sealedFor }));
    const md5s = await pourAll(room, work, heads, sinks, options.md5 ?? false);
    const facts = await pass.facts;
    await options.check?.(facts);
    await refuseChanged(room, actor, heads);
    for (const sink of sinks) finished.push(await sink.finish());
    return { facts, blobs: finished, md5s };
  } catch (error) {
    pass.stop();
    await Promise.allSettled(sinks.slice(finished.length).map((sink) => sink.abort()));
    await Promise.allSettled(finished.map((blob) => room.vault.discard(blob)));
    throw error;
  } finally {
    work.signal.removeEventListener('abort', stop);
  }
}

async function pourAll<Facts>(
  room: Room,
  work: SourcePass<Facts>,
  heads: readonly ObjectFacts[],
  sinks: readonly VaultSink[],
  wantsMd5: boolean,
): Promise<string[]> {
  const total = heads.reduce((sum, head) => sum + head.size, 0);
  let done = 0;
  const count = {
    write: async (chunk: Uint8Array): Promise<void> => work.progress((done += chunk.length), total),
  };
  const hashes = heads.map(() => createHash('md5'));
  // One failing source ends the others too, else a pass of a pair would wait for the missing half.
  const failure = new AbortController();
  const signal = AbortSignal.any([work.signal, failure.signal]);
  const pours = heads.map(async (head, i) => {
    const hash = hashes[i]!;
    const digest = { write: async (chunk: Uint8Array): Promise<void> => void hash.update(chunk) };
    try {
      const source = await room.objects.open(work.actor, head.uri);
      if (source.etag !== head.etag) throw changed(head, source);
      await pour(
        source.body,
        work.pass.inputs[i]!,
        [sinks[i]!, count, ...(wantsMd5 ? [digest] : [])],
        signal,
      );
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(pours);
  const failed = failure.signal.aborted ? (failure.signal.reason as unknown) : undefined;
  if (failed !== undefined) throw failed;
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected) throw rejected.reason;
  return wantsMd5 ? hashes.map((hash) => hash.digest('hex')) : [];
}

async function refuseChanged(room: Room, actor: Actor, heads: readonly ObjectFacts[]): Promise<void> {
  for (const head of heads) {
    const now = await room.objects.head(actor, head.uri);
    if (now.etag !== head.etag || now.size !== head.size) throw changed(head, now);
  }
}

function changed(before: ObjectFacts, after: ObjectFacts): SourceRefused {
  return new SourceRefused(
    `${before.uri} changed while it was imported (ETag ${before.etag}, then ${after.etag}). Import it again.`,
  );
}
