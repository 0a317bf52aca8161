import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { ImportReply, ImportRequest } from './protocol.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
/** V8's share; DuckDB has its own limit, and both together stay below 1.5 GiB. */
const HEAP_MEGABYTES = 700;
/** A process that takes no byte and gives no answer for this long is stuck. */
const STALL = 10 * 60 * 1000;
const KEPT_OUTPUT = 4000;

export interface ImportProcessOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the source that were read so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Milliseconds without a byte taken until the process is killed. */
  readonly stall?: number;
}

/**
 * Parses the source in a process of its own. Rejects with the source's error, the signal's reason, or what the
 * process last said where it died.
 */
export async function runImportProcess(
  source: Readable,
  request: ImportRequest,
  options: ImportProcessOptions = {},
): Promise<ImportReply> {
  options.signal?.throwIfAborted();
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MEGABYTES}`, '--no-warnings', PROGRAM, JSON.stringify(request)],
    { stdio: ['pipe', 'ignore', 'pipe', 'ipc'], env: { PATH: process.env['PATH'] } },
  );
  const kill = () => child.kill('SIGKILL');
  options.signal?.addEventListener('abort', kill, { once: true });
  const watch = new StallWatch(options.stall ?? STALL, kill);
  try {
    const ended = replyOf(child, watch);
    const fed = pipeline(counted(source, watch, options.onProgress), child.stdin!).catch((error: unknown) => {
      // The process closes its input early when it refuses the file: its answer tells why.
      if (!isBrokenPipe(error)) {
        kill();
        throw error;
      }
    });
    const [reply] = await Promise.all([
      ended.catch(async (error: unknown) => (await fed, Promise.reject(error as Error))),
      fed,
    ]);
    return reply;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    watch.stop();
    options.signal?.removeEventListener('abort', kill);
    source.destroy();
    kill();
  }
}

function replyOf(child: ChildProcess, watch: StallWatch): Promise<ImportReply> {
  return new Promise((resolve, reject) => {
    let reply: ImportReply | undefined;
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-KEPT_OUTPUT)));
    child.on('message', (message) => (reply = message as ImportReply));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (reply) resolve(reply);
      else if (watch.stalled) reject(new Error('the import process made no progress and was stopped'));
      else reject(new Error(`the import process ended with ${signal ?? code}: ${said.trim()}`));
    });
  });
}

async function* counted(source: Readable, watch: StallWatch, onProgress?: (bytes: number) => void) {
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    watch.alive();
    onProgress?.(bytes);
    yield chunk;
  }
}

class StallWatch {
  stalled = false;
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number, act: () => void) {
    this.#timer = setTimeout(() => {
      this.stalled = true;
      act();
    }, milliseconds);
  }

  alive(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}
