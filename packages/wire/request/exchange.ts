import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Reply } from '../protocol/protocol.ts';
import { sendBody } from './send-body.ts';

/** One request and its answer on a connection. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly #abort = new AbortController();
  #body: Readable | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, requestId: string) {
    this.request = request;
    this.response = response;
    this.requestId = requestId;
    response.setHeader('x-amzn-RequestId', requestId);
    response.on('close', () => {
      if (!response.writableFinished) this.#abort.abort(new Error('The client went away'));
    });
    response.on('finish', () => this.#drain());
  }

  /** Aborted when the client goes away. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the answer has begun; there is no other then. */
  get isAnswered(): boolean {
    return this.response.headersSent;
  }

  /** The body that this request's handler reads; let go of when the answer is out. */
  owns(body: Buffer | Readable): void {
    if (body instanceof Readable) this.#body = body;
  }

  /** Writes the answer. A stream that fails midway cuts the connection, so that the client sees it is not whole. */
  async send(reply: Reply): Promise<void> {
    const { response } = this;
    if (response.destroyed || response.writableEnded) {
      if (reply.body instanceof Readable) reply.body.destroy();
      return;
    }
    const { body } = reply;
    const bodiless = reply.status === 204 || reply.status === 304;
    const length = typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {};
    const empty = body === undefined && !bodiless ? { 'content-length': 0 } : {};
    response.writeHead(reply.status, { ...empty, ...length, ...reply.headers });
    if (body instanceof Readable && this.request.method !== 'HEAD') await sendBody(body, response);
    else response.end(this.request.method === 'HEAD' || body instanceof Readable ? undefined : body);
  }

  /** What the client still sends is read and dropped: the next request on the connection comes after it. */
  #drain(): void {
    this.#body?.destroy();
    if (!this.request.complete) setImmediate(() => this.request.resume());
  }
}
