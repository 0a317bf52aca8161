import type { ServerResponse } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { giveBack } from '@helicase/kernel';

/** Bytes that wait while others are on their way into the socket: one system call takes them all. */
const WAITING = 1024 * 1024;

/** The connection closed before the answer was out. */
export class ClientGone extends Error {
  constructor(options?: ErrorOptions) {
    super('The client went away before the end of its answer', options);
    this.name = 'ClientGone';
  }
}

/**
 * Sends a stream as the rest of an answer whose headers are written. Where the stream fails the connection is cut, so
 * that the client sees that it is not whole; where the client goes the stream is destroyed, and ClientGone thrown.
 */
export async function sendBody(body: Readable, response: ServerResponse): Promise<void> {
  await pipeline(body, new Outlet(response));
}

/** Writes to a response; what it has written is given back to whoever lent it. */
class Outlet extends Writable {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    super({ highWaterMark: WAITING });
    this.#response = response;
    response.once('close', () => {
      if (!response.writableFinished) this.destroy(new ClientGone());
    });
  }

  override _writev(
    pieces: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    const written = (error?: Error | null) => {
      for (const { chunk } of pieces) giveBack(chunk);
      done(error && new ClientGone({ cause: error }));
    };
    this.#response.cork();
    pieces.forEach(({ chunk }, i) =>
      i === pieces.length - 1 ? this.#response.write(chunk, written) : this.#response.write(chunk),
    );
    this.#response.uncork();
  }

  override _final(done: () => void): void {
    this.#response.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error) this.#response.destroy(error);
    done(error);
  }
}
