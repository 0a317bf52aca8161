import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { httpCall } from './http-call.ts';

describe('a call of an HTTP target', () => {
  const servers: Server[] = [];
  after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

  async function call(
    listener: RequestListener,
    { timeout = 5_000, signal = new AbortController().signal } = {},
  ) {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
    const headers = { 'x-key': 'secret' };
    return httpCall({ url, method: 'POST', headers, body: '{"id":"é"}', timeout, signal });
  }

  it('sends headers and body, and answers the status', async () => {
    const status = await call((request, response) => {
      void text(request).then((body) => response.writeHead(body === '{"id":"é"}' ? 202 : 400).end('taken'));
    });
    assert.equal(status, 202);
  });

  it('does not follow a redirection, which would take the key elsewhere', async () => {
    const status = await call((_, response) => response.writeHead(302, { location: 'http://other/' }).end());
    assert.equal(status, 302);
  });

  it('does not read an endless answer to its end', async () => {
    const status = await call((_, response) => {
      response.writeHead(200);
      const more = () => response.write(Buffer.alloc(16 * 1024), (error) => error ?? setImmediate(more));
      more();
    });
    assert.equal(status, 200);
  });

  it('fails where no answer comes in time, and where it breaks off', async () => {
    await assert.rejects(
      call(() => {}, { timeout: 50 }),
      /did not answer within 0\.05 s/,
    );
    await assert.rejects(
      call((_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half');
        setImmediate(() => response.destroy());
      }),
      /broke off|hang up/,
    );
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const called = call(() => stop.abort(), { signal: stop.signal });
    await assert.rejects(called, { name: 'AbortError' });
  });
});
