import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rootPrincipal, type Scope } from '@helicase/kernel';
import type { RawService } from '@helicase/wire';

export interface Front {
  readonly url: string;
  /** A request in a scope's name, `EAST` root unless told. */
  ask(method: string, path: string, options?: AskOptions): Promise<Response>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly scope: Scope;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** The protocol on a port without signatures: the caller says who it is. For tests of what comes after them. */
export async function openFront(service: RawService, scope: Scope): Promise<Front> {
  const server = createServer((request, response) => void pass(service, scope, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask: Front['ask'] = (method, path, options = { scope }) => {
    const { account, region } = options.scope ?? scope;
    const headers = { ...options.headers, 'test-account': account, 'test-region': region };
    return fetch(url + path, {
      method,
      headers,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
  };
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, ask, close };
}

function pass(
  service: RawService,
  otherwise: Scope,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const scope = {
    account: String(request.headers['test-account'] ?? otherwise.account),
    region: String(request.headers['test-region'] ?? otherwise.region),
  };
  return service.handle({
    scope,
    principal: rootPrincipal(scope.account),
    requestId: 'test-request',
    signal: new AbortController().signal,
    request,
    response,
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    host: request.headers.host ?? '',
    body: request,
    trailers: new Map(),
    record: async () => {},
  });
}
