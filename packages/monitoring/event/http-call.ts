import { Agent, type Dispatcher } from 'undici';

export interface HttpCall {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the whole answer must have come. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What is read of an answer that nobody looks at, so that its connection can be used again. */
const LARGEST_ANSWER = 64 * 1024;

const connections = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });

/**
 * The answer's status; its body is dropped and a redirection not followed. Rejects where none came in time. undici's
 * dispatcher: Node's own requests cost four times as much, its `fetch` eight, and there may be thousands a second.
 */
export function httpCall(call: HttpCall): Promise<number> {
  return new Promise((resolve, reject) => {
    const { body = null, headers, method, url } = call;
    const answer = new Answer(call, resolve, reject);
    const path = `${url.pathname}${url.search}`;
    const request = { origin: url.origin, path, method: method as Dispatcher.HttpMethod, headers, body };
    connections.dispatch(request, answer);
  });
}

/** What comes of one call: it ends once, with a status or an error. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #call: HttpCall;
  readonly #resolve: (status: number) => void;
  readonly #reject: (error: Error) => void;
  readonly #late: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #status: number | undefined;
  #read = 0;

  constructor(call: HttpCall, resolve: (status: number) => void, reject: (error: Error) => void) {
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal, timeout, url } = call;
    const late = () => this.#stop(new Error(`${url.host} did not answer within ${timeout / 1000} s`));
    this.#late = setTimeout(late, timeout);
    signal.addEventListener('abort', this.#aborted);
    if (signal.aborted) this.#aborted();
  }

  readonly #aborted = () => this.#stop(this.#call.signal.reason as Error);

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection until then.
    if (this.#stopped) controller.abort(this.#stopped);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(controller: Dispatcher.DispatchController, part: Buffer): void {
    if ((this.#read += part.length) <= LARGEST_ANSWER) return;
    this.#settle();
    this.#resolve(this.#status!);
    controller.abort(new Error('the rest of the answer is not wanted'));
  }

  onResponseEnd(): void {
    this.#settle();
    this.#resolve(this.#status!);
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.#settle();
    const brokeOff = new Error(`the answer of ${this.#call.url.host} broke off`, { cause });
    this.#reject(this.#status === undefined || this.#stopped ? cause : brokeOff);
  }

  #stop(error: Error): void {
    this.#stopped = error;
    this.#settle();
    this.#reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    clearTimeout(this.#late);
    this.#call.signal.removeEventListener('abort', this.#aborted);
  }
}
