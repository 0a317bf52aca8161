import { PassThrough, Readable } from 'node:stream';
import { rootPrincipal } from '@helicase/kernel';
import type { RawRequest, RawService } from '@helicase/wire';
import { SCOPE } from './room.ts';

/** What a raw service answers a GET of the account's root. */
export async function rawGet(
  service: RawService,
  path: string,
): Promise<{ readonly status: number; readonly body: never }> {
  let status = 0;
  let text = '';
  const response = {
    writeHead: (code: number) => void (status = code),
    end: (body: string) => void (text = body),
  };
  const request = {
    ...{ scope: SCOPE, principal: rootPrincipal(SCOPE.account), requestId: 'test', host: 'localhost', path },
    ...{ query: new URLSearchParams(), signal: new AbortController().signal, trailers: new Map() },
    ...{
      body: Readable.from([]),
      request: { method: 'GET', headers: {}, socket: new PassThrough() },
      response,
      record: async () => {},
    },
  };
  await service.handle(request as unknown as RawRequest);
  return { status, body: JSON.parse(text || '{}') as never };
}
