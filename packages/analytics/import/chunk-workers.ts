import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { EncodedChunk, EncoderPlan } from '../vcf/chunk-encoder.ts';
import type { TextChunk } from '../vcf/text-chunks.ts';
import { VcfError } from '../vcf/vcf-error.ts';

export interface ChunkRequest {
  readonly bytes: Uint8Array;
  readonly firstLine: number;
  readonly lines: number;
}

export type ChunkReply =
  | { readonly outcome: 'encoded'; readonly encoded: EncodedChunk }
  | { readonly outcome: 'refused'; readonly message: string };

const PROGRAM = new URL('./vcf-worker.ts', import.meta.url);
/** Each holds a chunk and its columns: more than this many would not stay below the import's memory. */
const MOST_WORKERS = 4;

/** Encodes chunks on every core and gives them back in their order, at most one more than there are workers at a time. */
export async function* encodedInOrder(
  chunks: AsyncIterable<TextChunk>,
  plan: EncoderPlan,
): AsyncIterable<EncodedChunk> {
  const idle: ChunkWorker[] = [];
  const all: ChunkWorker[] = [];
  const waiting: Promise<EncodedChunk>[] = [];
  const most = Math.min(MOST_WORKERS, availableParallelism());
  try {
    for await (const chunk of chunks) {
      if (waiting.length >= most) yield await waiting.shift()!;
      const worker = idle.pop() ?? new ChunkWorker(plan);
      if (!all.includes(worker)) all.push(worker);
      const encoded = worker.encode(chunk);
      encoded.then(
        () => idle.push(worker),
        () => {}, // told where the chunk's turn comes
      );
      waiting.push(encoded);
    }
    for (const encoded of waiting.splice(0)) yield await encoded;
  } finally {
    await Promise.allSettled(all.map((worker) => worker.end()));
  }
}

class ChunkWorker {
  readonly #worker: Worker;
  #settle: { resolve(encoded: EncodedChunk): void; reject(error: Error): void } | undefined;

  constructor(plan: EncoderPlan) {
    this.#worker = new Worker(PROGRAM, { workerData: plan });
    this.#worker.on('message', (reply: ChunkReply) => {
      if (reply.outcome === 'encoded') this.#settle?.resolve(reply.encoded);
      else this.#settle?.reject(new VcfError(reply.message));
    });
    this.#worker.on('error', (error) => this.#settle?.reject(error as Error));
    // Whatever ended it: who waits for a chunk is not left waiting.
    this.#worker.on('exit', (code) => this.#settle?.reject(new Error(`a thread ended with ${code}`)));
  }

  encode({ bytes, firstLine, lines }: TextChunk): Promise<EncodedChunk> {
    // A subarray would take the whole chunk along in the copy; what is given is moved, not copied.
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage({ bytes: own, firstLine, lines } satisfies ChunkRequest, [
        own.buffer as ArrayBuffer,
      ]);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
