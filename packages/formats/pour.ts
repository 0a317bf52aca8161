import { addAbortSignal, type Readable, type Writable } from 'node:stream';
import { giveBack } from '@helicase/kernel';

/** Resolves once the bytes have left the writable, nobody reading them any more; false where it is closed. */
function taken(input: Writable, chunk: Uint8Array): Promise<boolean> {
  if (input.destroyed || input.writableEnded) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    input.once('close', onClose);
    input.write(chunk, (error) => {
      input.off('close', onClose);
      resolve(!error);
    });
  });
}

/** Where else the bytes go on their way through a pass; they are its own until it resolves, and no longer. */
export interface Alongside {
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * Feeds a pass's input from a stream and ends it, giving every chunk to the others too. Resolves with the bytes read;
 * early, with fewer, where the pass closed its input (its facts then say why). Rejects where the stream or one of the
 * others fails, or `signal` is aborted. Chunks that were lent are given back.
 */
export async function pour(
  body: Readable,
  input: Writable,
  alongside: readonly Alongside[],
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  addAbortSignal(signal, body);
  try {
    for await (const piece of body) {
      const chunk = piece as Uint8Array;
      const [open] = await Promise.all([
        taken(input, chunk),
        ...alongside.map((other) => other.write(chunk)),
      ]);
      if (!open) return bytes;
      bytes += chunk.length;
      giveBack(chunk);
    }
    input.end();
    return bytes;
  } finally {
    body.destroy();
  }
}
