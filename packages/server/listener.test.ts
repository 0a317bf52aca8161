import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { type Log, silentLog, systemClock } from '@helicase/kernel';
import type { Gateway } from '@helicase/wire';
import { readConfiguration } from './configuration.ts';
import type { Listener } from './http-servers.ts';
import { listen, ownRoutes, requestListener } from './listener.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-listener-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Answers everything, so that what reaches it can be told from what does not. */
const gateway: Gateway = {
  async handle(_, response) {
    response.setHeader('x-amzn-requestid', 'request-1').end('gateway');
  },
};

async function open(flags: Record<string, string>, log: Log = silentLog): Promise<Listener> {
  const app = await ownRoutes({
    health: async () => ({ status: 'ok' }),
    figures: () => '',
    openExport: async () => undefined,
    signIn: () => {},
  });
  const configuration = readConfiguration({ port: '0', ...flags }, {});
  return listen(
    configuration,
    requestListener(app, gateway, { clock: systemClock, log }, configuration),
    silentLog,
  );
}

describe('listening', () => {
  test('on both loopback addresses with one port; /healthz is ours and the rest is AWS’s', async () => {
    const listener = await open({});
    assert.equal(new Set(listener.urls.map((url) => new URL(url).port)).size, 1);
    for (const url of listener.urls) {
      assert.deepEqual(await (await fetch(`${url}/healthz`)).json(), { status: 'ok' });
      assert.equal(await (await fetch(`${url}/run`)).text(), 'gateway');
    }
    await listener.close(1_000);
  });

  test('logs one line per answer with the request id, and never the query, which may hold a signature', async () => {
    const lines: object[] = [];
    const listener = await open({}, { ...silentLog, info: (facts) => void lines.push(facts) });
    await (await fetch(`${listener.urls[0]}/bucket/key?X-Amz-Signature=secret`)).text();
    await listener.close(1_000);
    assert.equal(lines.length, 1);
    const { milliseconds: _, ...line } = lines[0] as Record<string, unknown>;
    assert.deepEqual(line, {
      requestId: 'request-1',
      method: 'GET',
      path: '/bucket/key',
      status: 200,
      complete: true,
    });
  });

  describe('for web pages', () => {
    const preflight = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' };
    const asked = async (flags: Record<string, string>, origin: string, init: RequestInit = {}) => {
      const listener = await open(flags);
      const headers = { ...init.headers, origin };
      const answer = await fetch(`${listener.urls[0]}/bucket/key`, { ...init, headers });
      await answer.text();
      await listener.close(1_000);
      return answer;
    };
    const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin');

    test('an origin that the operator named may read answers, another may not', async () => {
      const flags = { corsOrigins: 'https://igv.org' };
      const answer = await asked(flags, 'https://igv.org');
      assert.equal(allowed(answer), 'https://igv.org');
      assert.match(answer.headers.get('access-control-expose-headers')!, /content-range/);
      assert.equal(answer.headers.get('vary'), 'origin');
      assert.equal(allowed(await asked(flags, 'https://evil.org')), null);
    });

    test('a browser that asks beforehand is told the methods and headers, unsigned as it asks', async () => {
      const init = { method: 'OPTIONS', headers: preflight };
      const answer = await asked({ corsOrigins: '*' }, 'https://igv.org', init);
      assert.equal(answer.status, 204);
      assert.equal(allowed(answer), '*');
      assert.equal(answer.headers.get('access-control-allow-methods'), 'GET');
      assert.equal(answer.headers.get('access-control-allow-headers'), 'range');
      const refused = await asked({ corsOrigins: 'https://igv.org' }, 'https://evil.org', init);
      assert.equal(refused.status, 403);
      assert.equal(allowed(refused), null);
    });

    test('nobody may unless told; what is no origin is refused', async () => {
      assert.equal(allowed(await asked({}, 'https://igv.org')), null);
      assert.throws(() => readConfiguration({ corsOrigins: 'igv.org/' }, {}), /"igv.org\/" is no origin/);
    });
  });

  test('more requests at one time than it takes are told to come again, before anything of them is looked at', async () => {
    let answer = () => {};
    const slow: Gateway = {
      handle: (_, response) =>
        new Promise((resolve) => {
          answer = () => resolve(void response.end('late'));
        }),
    };
    const app = await ownRoutes({
      ...{ health: async () => ({}), figures: () => '', openExport: async () => undefined, signIn: () => {} },
    });
    const configuration = readConfiguration({ port: '0', host: '127.0.0.1', maxRequests: '1' }, {});
    const effects = { clock: systemClock, log: silentLog };
    const listener = await listen(
      configuration,
      requestListener(app, slow, effects, configuration),
      silentLog,
    );
    const first = fetch(`${listener.urls[0]}/run`);
    while ((await fetch(`${listener.urls[0]}/healthz`)) && String(answer) === '() => {}') continue;
    const second = await fetch(`${listener.urls[0]}/run`);
    assert.equal(second.status, 503);
    assert.equal(second.headers.get('retry-after'), '1');
    assert.match(await second.text(), /<Code>ServiceUnavailable<\/Code>/);
    answer();
    assert.equal(await (await first).text(), 'late');
    await listener.close(1_000);
  });

  test('on a port that is taken is refused with the remedy', async () => {
    const first = await open({ host: '127.0.0.1' });
    const port = new URL(first.urls[0]!).port;
    await assert.rejects(
      open({ host: '127.0.0.1', port }),
      /port \d+ on 127\.0\.0\.1 is in use: give another with --port/,
    );
    await first.close(1_000);
  });

  test('speaks TLS where it is given a certificate, and takes another one without a restart', async () => {
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const makeCertificate = () =>
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '1',
          ...subject,
          '-keyout',
          key,
          '-out',
          certificate,
        ],
        { stdio: 'ignore' },
      );
    makeCertificate();
    const listener = await open({ host: '127.0.0.1', tlsCertificate: certificate, tlsKey: key });
    const status = await new Promise((resolve, reject) => {
      secureRequest(`${listener.urls[0]}/healthz`, { ca: readFileSync(certificate) }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end();
    });
    assert.equal(status, 200);
    assert.match(listener.urls[0]!, /^https:/);
    const served = () =>
      new Promise<string>((resolve, reject) => {
        const { port, hostname: host } = new URL(listener.urls[0]!);
        const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
          resolve(socket.getPeerX509Certificate()!.fingerprint256);
          socket.destroy();
        }).on('error', reject);
      });
    const first = await served();
    writeFileSync(certificate, 'no certificate');
    assert.throws(() => listener.reloadCertificate());
    assert.equal(await served(), first, 'what cannot be used changes nothing');
    makeCertificate();
    listener.reloadCertificate();
    assert.notEqual(await served(), first);
    await listener.close(1_000);
  });
});
