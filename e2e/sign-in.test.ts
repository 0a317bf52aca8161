import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { type BrowserPage, openChromium, withoutChromium } from './chromium.ts';
import { openWorld, until, type World } from './world.ts';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/researchers`;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An OpenID Connect issuer where everybody is signed in already: it answers a code at once, and holds it to PKCE. */
class Issuer {
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #asked = new Map<string, URLSearchParams>();
  readonly #server: Server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    void this.#answer(request).then(({ location, ...answer }) => {
      if (location) response.writeHead(302, { location });
      response.end(JSON.stringify(answer));
    });
  });
  url = '';

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<Readonly<Record<string, unknown>> & { location?: string }> {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const { url } = this;
    if (pathname === '/keys')
      return { keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] };
    if (pathname === '/authorize') return { location: this.#redirect(searchParams) };
    if (pathname === '/token') return this.#token(new URLSearchParams(await text(request)));
    return {
      ...{ issuer: url, jwks_uri: `${url}/keys` },
      ...{ authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token` },
    };
  }

  #redirect(asked: URLSearchParams): string {
    this.#asked.set('the-code', asked);
    const back = new URL(asked.get('redirect_uri')!);
    back.searchParams.set('code', 'the-code');
    back.searchParams.set('state', asked.get('state')!);
    return back.href;
  }

  #token(form: URLSearchParams): Readonly<Record<string, unknown>> {
    const asked = this.#asked.get(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    assert.equal(asked?.get('code_challenge'), challenge);
    assert.equal(form.get('redirect_uri'), asked?.get('redirect_uri'));
    const seconds = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: this.url, aud: form.get('client_id'), sub: 'u-1', email: 'ann@example.org' },
      ...{ nonce: asked?.get('nonce'), iat: seconds, exp: seconds + 300 },
    };
    const signed = `${base64url({ alg: 'RS256', kid: 'k' })}.${base64url(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), this.#keys.privateKey).toString('base64url');
    return { token_type: 'Bearer', access_token: 'none', id_token: `${signed}.${signature}` };
  }
}

describe('signing in on the page, in a browser', { skip: withoutChromium, timeout: 120_000 }, () => {
  const issuer = new Issuer();
  let world: World;
  let page: BrowserPage;
  let ann: { readonly id: string; readonly secret: string };
  before(async () => {
    await issuer.start();
    const provider = { name: 'the hospital', issuer: issuer.url, clientId: 'helicase', roleArn: ROLE };
    world = await openWorld(['--account-id', ACCOUNT, '--sign-in', JSON.stringify([provider])]);
    const { iam } = awsClients(world.server.url, world.credentials);
    const { OpenIDConnectProviderArn } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: issuer.url, ClientIDList: ['helicase'] }),
    );
    const audience = `${issuer.url.replace('http://', '')}:aud`;
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        ...{ Effect: 'Allow', Principal: { Federated: OpenIDConnectProviderArn } },
        ...{
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: { [audience]: 'helicase' } },
        },
      },
    });
    await iam.send(new CreateRoleCommand({ RoleName: 'researchers', AssumeRolePolicyDocument }));
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    ann = { id: AccessKey!.AccessKeyId!, secret: AccessKey!.SecretAccessKey! };
    page = await openChromium();
  });
  after(async () => {
    await page?.close();
    await world?.close();
    issuer.stop();
  });

  const open = async (query = '') => {
    await page.goTo(`${world.server.url}/-/sign-in${query}`);
    await until(() => visible('#sign-in, #signed-in, #fault'), Boolean);
  };
  const visible = (selector: string) =>
    page.evaluate<boolean>(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].some((one) => one.checkVisibility())`,
    );
  const textOf = async (id: string) =>
    (await page.evaluate<string>(`document.getElementById('${id}').textContent`)) ?? '';
  const click = (selector: string) =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
  async function byKey(id: string, secret: string): Promise<void> {
    await page.evaluate(`(() => {
      const { elements } = document.getElementById('access-key');
      elements.accessKeyId.value = ${JSON.stringify(id)};
      elements.secretAccessKey.value = ${JSON.stringify(secret)};
    })()`);
    await click('#access-key > button');
  }
  /** Who AWS's own client is with what the page prints for a shell. */
  async function whoIs(printed: string): Promise<string> {
    const of = (name: string) => new RegExp(`^export ${name}=(.*)$`, 'm').exec(printed)![1]!;
    const client = new STSClient({
      ...{ endpoint: of('AWS_ENDPOINT_URL'), region: of('AWS_REGION') },
      credentials: {
        ...{ accessKeyId: of('AWS_ACCESS_KEY_ID'), secretAccessKey: of('AWS_SECRET_ACCESS_KEY') },
        sessionToken: of('AWS_SESSION_TOKEN'),
      },
    });
    return (await client.send(new GetCallerIdentityCommand({}))).Arn!;
  }

  test('at an OpenID Connect issuer: the role’s session, and nothing of it in the address', async () => {
    await open();
    await click('#providers > button');
    await until(() => visible('#signed-in'), Boolean);
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/researchers/ann@example.org`;
    assert.equal(await textOf('arn'), session);
    assert.equal(await whoIs(await textOf('environment')), session);
    assert.equal(await page.evaluate('location.search'), '');
    await open();
    assert.equal(await textOf('arn'), session, 'the tab stays signed in');
    await click('#sign-out');
    assert.equal(await visible('#signed-in'), false);
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
  });

  test('with an access key: a session of it, while the key itself is not kept; a wrong one is told so', async () => {
    await open();
    await byKey(ann.id, 'wrong');
    await until(() => visible('#fault'), Boolean);
    assert.match(await textOf('fault'), /signature we calculated does not match/);
    await byKey(ann.id, ann.secret);
    await until(() => visible('#signed-in'), Boolean);
    const user = `arn:aws:iam::${ACCOUNT}:user/ann`;
    assert.equal(await textOf('arn'), user);
    const printed = await textOf('environment');
    assert.ok(!printed.includes(ann.secret));
    const kept = await page.evaluate<string>('JSON.stringify({ ...sessionStorage })');
    assert.ok(kept!.includes(user) && !kept!.includes(ann.secret));
    assert.equal(await whoIs(printed), user);
    await click('#sign-out');
  });

  test('an answer that nobody asked for signs nobody in, and no other page may show this one', async () => {
    await open('?state=forged&code=stolen');
    await until(() => visible('#fault'), Boolean);
    assert.match(await textOf('fault'), /not to a question of this page/);
    assert.equal(await visible('#signed-in'), false);
    const { headers } = await fetch(`${world.server.url}/-/sign-in`);
    assert.match(headers.get('content-security-policy')!, /default-src 'none'.*frame-ancestors 'none'/);
  });
});
