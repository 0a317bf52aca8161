import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, type TestContext, test } from 'node:test';
import { lend } from '@helicase/kernel';
import { ClientGone, sendBody } from './send-body.ts';

const PIECE = 256 * 1024;

interface Sent {
  readonly answer: IncomingMessage;
  /** Settles as `sendBody` does. */
  readonly sending: Promise<void>;
}

/** An answer with this body, of which nothing is read yet. */
async function answerWith(t: TestContext, body: Readable): Promise<Sent> {
  const sent = Promise.withResolvers<{ sending: Promise<void> }>();
  const server = createServer((_request, response) => {
    const sending = sendBody(body, response);
    sending.catch(() => undefined); // told to the test
    sent.resolve({ sending });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const [answer] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [
    IncomingMessage,
  ];
  return { answer, ...(await sent.promise) };
}

/** Pieces that are lent, each filled with its number. */
function lentPieces(count: number) {
  const pieces: Buffer[] = [];
  const body = new Readable({
    highWaterMark: PIECE,
    read() {
      if (pieces.length === count) return void this.push(null);
      const piece = lend(Buffer.from(new ArrayBuffer(PIECE))).fill(pieces.length);
      pieces.push(piece);
      this.push(piece);
    },
  });
  return { body, pieces };
}

describe('a streamed body', () => {
  test('arrives whole, and each of its pieces is given back', async (t) => {
    const { body, pieces } = lentPieces(50);
    const { answer, sending } = await answerWith(t, body);
    let at = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>)
      for (const byte of chunk) if (byte !== Math.floor(at++ / PIECE)) assert.fail(`byte ${at - 1}`);
    await sending;
    assert.equal(at, 50 * PIECE);
    assert.ok(pieces.every(({ length }) => length === 0));
  });

  test('waits for a client that does not read', async (t) => {
    const { body, pieces } = lentPieces(4000); // a gigabyte
    await answerWith(t, body);
    for (let before = -1; before !== pieces.length; await delay(50)) before = pieces.length;
    assert.ok(pieces.length < 400, `${pieces.length} pieces were made`); // what two sockets hold, and a little more
    assert.ok(pieces.filter(({ length }) => length > 0).length < 20, 'what the socket took is given back');
  });

  test('is let go of when the client goes, and what was on its way is given back', async (t) => {
    const { body, pieces } = lentPieces(4000);
    const { answer, sending } = await answerWith(t, body);
    await once(answer, 'data');
    answer.destroy();
    await assert.rejects(sending, ClientGone);
    assert.equal(body.destroyed, true);
    assert.ok(pieces.filter(({ length }) => length > 0).length < 20);
  });

  test('that fails midway cuts the connection, so that nobody takes it for whole', async (t) => {
    const { body } = lentPieces(4000);
    const { answer, sending } = await answerWith(t, body);
    await once(answer, 'data');
    body.destroy(new Error('damaged'));
    await assert.rejects(sending, { message: 'damaged' });
    answer.resume();
    await assert.rejects(once(answer, 'end'), { code: 'ECONNRESET' });
    assert.equal(answer.complete, false);
  });
});
