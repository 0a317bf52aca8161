import { addAbortSignal, type Readable, type Writable } from 'node:stream';

/** Waits until the writable takes more; false where it is closed. */
function accepted(input: Writable, chunk: Uint8Array): Promise<boolean> | boolean {
  if (input.destroyed || input.writableEnded) return false;
  if (input.write(chunk)) return true;
  return new Promise((resolve) => {
    const settle = (open: boolean): void => {
      input.off('drain', onDrain);
      input.off('close', onClose);
      resolve(open);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    input.on('drain', onDrain);
    input.on('close', onClose);
  });
}

/** Where else the bytes go on their way through a pass. */
export interface Alongside {
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * Feeds a pass's input from a stream and ends it, giving every chunk to the others too. Resolves with the bytes read;
 * early, with fewer, where the pass closed its input (its facts then say why). Rejects where the stream or one of the
 * others fails, or `signal` is aborted.
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
        accepted(input, chunk),
        ...alongside.map((other) => other.write(chunk)),
      ]);
      if (!open) return bytes;
      bytes += chunk.length;
    }
    input.end();
    return bytes;
  } finally {
    body.destroy();
  }
}
