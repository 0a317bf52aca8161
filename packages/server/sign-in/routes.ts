import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { SignInProvider } from './providers.ts';

/** No bucket can have this name. */
export const SIGN_IN_PATH = '/-/sign-in';

const FILES = {
  'style.css': 'text/css',
  'main.ts': 'text/javascript',
  'oidc.ts': 'text/javascript',
  'session.ts': 'text/javascript',
  'signature.ts': 'text/javascript',
} as const;

/**
 * The page where people sign in: at an OpenID Connect issuer, or by an access key. All of it happens in the browser,
 * against the issuer and this server's STS: the server has no session of it, and no secret passes that clients do not
 * send anyway.
 */
export function signInRoutes(
  app: FastifyInstance,
  providers: readonly SignInProvider[],
  region: string,
): void {
  const headers = {
    'content-security-policy': securityPolicy(providers),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  app.get(SIGN_IN_PATH, async (_, reply) =>
    reply.headers(headers).type('text/html').send(read('index.html')),
  );
  app.get(`${SIGN_IN_PATH}/configuration`, async (_, reply) =>
    reply.headers(headers).send({ providers, region }),
  );
  for (const [name, type] of Object.entries(FILES)) {
    app.get(`${SIGN_IN_PATH}/${name}`, async (_, reply) =>
      reply.headers(headers).type(`${type}; charset=utf-8`).send(script(name)),
    );
  }
}

/** Types are taken out when somebody looks at the page: a server that starts has no time for it. */
function script(name: string): string {
  return name.endsWith('.ts') ? stripTypeScriptTypes(read(name)) : read(name);
}

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, 'page', name), 'utf8');
}

/** Nothing but its own scripts runs on the page, it is in no frame, and it speaks to the issuers and to this server. */
function securityPolicy(providers: readonly SignInProvider[]): string {
  const issuers = providers.map(({ issuer }) => new URL(issuer).origin);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${["'self'", ...new Set(issuers)].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
