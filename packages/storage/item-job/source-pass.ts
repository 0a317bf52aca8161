import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { BlobRef, VaultSink } from '@helicase/blobs';
import {
  addComment,
  type AlignmentType,
  type Alongside,
  type Headed,
  type Pass,
  pour,
} from '@helicase/formats';
import type { Scope } from '@helicase/kernel';
import type { Room } from '../room.ts';
import type { StoredFile } from '../stored-file.ts';
import { SourceRefused } from './refused.ts';
import type { Source } from './source.ts';
import { together } from './together.ts';

export interface SourcePass<Facts> {
  readonly scope: Scope;
  /** One per input of the pass. */
  readonly sources: readonly Source[];
  /** The purpose of the key that seals the bytes: `sequenceStore/<id>`. */
  readonly sealedFor: string;
  readonly pass: Pass<Facts>;
  readonly signal: AbortSignal;
  progress(bytes: number, total: number): void;
  /** Present for alignments: their header is kept apart, with this comment (`@CO`) added where there is one. */
  readonly header?: { readonly type: AlignmentType; readonly comment: string | undefined };
}

/** Bytes that were finished and are kept by nobody yet. */
export interface PassedFile extends Omit<StoredFile, 'name'> {
  readonly sha256: string;
  /** Hex MD5; only where asked for. */
  readonly md5?: string;
}

export interface PassedSource<Facts> {
  readonly facts: Facts;
  /** In the order of the sources. */
  readonly files: readonly PassedFile[];
}

interface PassOptions<Facts> {
  /** Digests the bytes as they are (the reference's md5). */
  readonly md5?: boolean;
  /** Refuses (throws) what the facts show to be wrong, before anything is kept. */
  readonly check?: (facts: Facts) => Promise<void>;
}

/**
 * One pass over the bytes of one resource: sealed into the vault and validated, digested, counted and indexed by the
 * pass at the same time. Nothing stays where any of it fails.
 */
export async function passSources<Facts>(
  room: Room,
  work: SourcePass<Facts>,
  options: PassOptions<Facts> = {},
): Promise<PassedSource<Facts>> {
  const { pass } = work;
  const stop = (): void => pass.stop();
  work.signal.addEventListener('abort', stop, { once: true });
  const receivers = work.sources.map(() => new Receiver(room, work, options.md5 ?? false));
  try {
    await pourAll(work, receivers);
    const facts = await pass.facts;
    await options.check?.(facts);
    for (const source of work.sources) await source.refuseChanged();
    const files: PassedFile[] = [];
    for (const receiver of receivers) files.push(await receiver.finish());
    return { facts, files };
  } catch (error) {
    pass.stop();
    await Promise.allSettled(receivers.map((receiver) => receiver.discard()));
    throw await changeBehind(error, work);
  } finally {
    work.signal.removeEventListener('abort', stop);
  }
}

/** A source that changed meanwhile is why its bytes broke off, or look damaged; otherwise the error as it is. */
async function changeBehind(
  error: unknown,
  { signal, sources }: Pick<SourcePass<unknown>, 'signal' | 'sources'>,
): Promise<unknown> {
  if (signal.aborted) return error;
  try {
    for (const source of sources) await source.refuseChanged();
    return error;
  } catch (found) {
    return found instanceof SourceRefused ? found : error;
  }
}

/** Where the bytes of one source go beside the pass: the head and the body as blobs of their own, and their digests. */
class Receiver implements Alongside {
  readonly #room: Room;
  readonly #work: Pick<SourcePass<unknown>, 'scope' | 'sealedFor'>;
  readonly #body: Hash = createHash('sha256');
  readonly #md5: Hash | undefined;
  #whole: Hash | undefined;
  #head: BlobRef | undefined;
  #sink: VaultSink | undefined;
  #blob: BlobRef | undefined;

  constructor(room: Room, work: Pick<SourcePass<unknown>, 'scope' | 'sealedFor'>, wantsMd5: boolean) {
    this.#room = room;
    this.#work = work;
    this.#md5 = wantsMd5 ? createHash('md5') : undefined;
  }

  async begin(head: Buffer): Promise<void> {
    const { scope, sealedFor } = this.#work;
    if (head.length > 0) {
      this.#whole = createHash('sha256').update(head);
      const sink = await this.#room.vault.create({ scope, sealedFor });
      await sink.write(head);
      this.#head = await sink.finish();
    }
    this.#sink = await this.#room.vault.create({ scope, sealedFor });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#body.update(chunk);
    this.#whole?.update(chunk);
    this.#md5?.update(chunk);
    await this.#sink!.write(chunk);
  }

  async finish(): Promise<PassedFile> {
    this.#blob = await this.#sink!.finish();
    const content = this.#body.digest('hex');
    return {
      ...(this.#head ? { head: this.#head } : {}),
      blob: this.#blob,
      content,
      sha256: this.#whole?.digest('hex') ?? content,
      ...(this.#md5 ? { md5: this.#md5.digest('hex') } : {}),
    };
  }

  async discard(): Promise<void> {
    if (!this.#blob) await this.#sink?.abort();
    for (const blob of [this.#head, this.#blob]) if (blob) await this.#room.vault.discard(blob);
  }
}

async function pourAll<Facts>(work: SourcePass<Facts>, receivers: readonly Receiver[]): Promise<void> {
  const total = work.sources.reduce((sum, source) => sum + source.size, 0);
  let done = 0;
  const count = {
    write: async (chunk: Uint8Array): Promise<void> => work.progress((done += chunk.length), total),
  };
  // A pass of a pair would wait for the half that is missing.
  await together(work.sources, work.signal, async (source, i, signal) => {
    const { head, body } = await opened(source, work);
    await receivers[i]!.begin(head);
    await pour(body, headed(work.pass.inputs[i]!, head), [receivers[i]!, count], signal);
  });
}

async function opened(source: Source, { header }: Pick<SourcePass<unknown>, 'header'>): Promise<Headed> {
  const body = await source.open();
  return header ? addComment(body, header.type, header.comment) : { head: Buffer.alloc(0), body };
}

/** The pass reads the head before what is poured. */
function headed(input: Writable, head: Buffer): Writable {
  if (head.length > 0 && !input.destroyed) input.write(head);
  return input;
}
