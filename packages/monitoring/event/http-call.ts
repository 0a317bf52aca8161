import { Agent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

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

const CONNECTIONS = { keepAlive: true, maxSockets: 64, maxFreeSockets: 32 };
const plain = new Agent(CONNECTIONS);
const secure = new SecureAgent(CONNECTIONS);

/**
 * The answer's status; its body is dropped and a redirection not followed. Rejects where none came in time. Node's own
 * requests: `fetch` costs three times as much, and there may be thousands a second.
 */
export function httpCall({ body, headers, method, signal, timeout, url }: HttpCall): Promise<number> {
  const [ask, agent] = url.protocol === 'https:' ? [secureRequest, secure] : [plainRequest, plain];
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = { method, agent, signal, headers: { ...headers, ...length } };
  return new Promise((resolve, reject) => {
    const request = ask(url, options, (answer) => {
      let read = 0;
      answer.on('data', (part: Buffer) => {
        if ((read += part.length) > LARGEST_ANSWER) answer.destroy();
      });
      answer.once('close', () => {
        clearTimeout(late);
        if (answer.complete || read > LARGEST_ANSWER) resolve(answer.statusCode!);
        else reject(new Error(`the answer of ${url.host} broke off`));
      });
    });
    const late = setTimeout(() => {
      request.destroy(new Error(`${url.host} did not answer within ${timeout / 1000} s`));
    }, timeout);
    request.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    request.end(body);
  });
}
