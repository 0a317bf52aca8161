export interface Provider {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly roleArn: string;
}

/** What must come back as it was sent: https://openid.net/specs/openid-connect-core-1_0.html, 3.1.2.1 */
interface Pending {
  readonly provider: Provider;
  readonly state: string;
  readonly nonce: string;
  /** https://www.rfc-editor.org/rfc/rfc7636 */
  readonly verifier: string;
}

interface Endpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

const KEY = 'helicase.sign-in';
const redirectUri = () => location.origin + location.pathname;

/** Sends the browser to the issuer: the authorization code flow with PKCE. */
export async function leaveFor(provider: Provider): Promise<void> {
  const { authorization_endpoint } = await endpointsOf(provider);
  const pending: Pending = { provider, state: random(), nonce: random(), verifier: random() };
  sessionStorage.setItem(KEY, JSON.stringify(pending));
  const url = new URL(authorization_endpoint);
  const { state, nonce } = pending;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier));
  const query = {
    ...{
      response_type: 'code',
      client_id: provider.clientId,
      redirect_uri: redirectUri(),
      scope: 'openid email',
    },
    ...{ state, nonce, code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: 'S256' },
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** The token that the issuer gives for the code it came back with; undefined where the browser comes from elsewhere. */
export async function returned(): Promise<
  { readonly provider: Provider; readonly token: string; readonly name: string } | undefined
> {
  const query = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(KEY);
  if (!query.has('state')) return undefined;
  sessionStorage.removeItem(KEY);
  history.replaceState(null, '', location.pathname); // a code is good once, and no history should have it
  const pending = stored === null ? undefined : (JSON.parse(stored) as Pending);
  if (pending?.state !== query.get('state'))
    throw new Error('This answer is not to a question of this page.');
  if (query.has('error')) throw new Error(query.get('error_description') ?? query.get('error')!);
  const token = await tokenFor(pending, query.get('code') ?? '');
  const claims = claimsOf(token);
  if (claims['nonce'] !== pending.nonce) throw new Error('The issuer answered a token for another sign-in.');
  return { provider: pending.provider, token, name: sessionName(claims) };
}

async function tokenFor({ provider, verifier }: Pending, code: string): Promise<string> {
  const { token_endpoint } = await endpointsOf(provider);
  const body = new URLSearchParams({
    ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri() },
    ...{ client_id: provider.clientId, code_verifier: verifier },
  });
  const answer = await json(await fetch(token_endpoint, { method: 'POST', body }));
  if (typeof answer['id_token'] === 'string') return answer['id_token'];
  throw new Error('The issuer gave no token.');
}

async function endpointsOf({ issuer }: Provider): Promise<Endpoints> {
  const found = await json(await fetch(`${issuer}/.well-known/openid-configuration`));
  return found as unknown as Endpoints;
}

async function json(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const answer = (await response.json()) as Readonly<Record<string, unknown>>;
  if (response.ok) return answer;
  throw new Error(
    String(answer['error_description'] ?? answer['error'] ?? `The issuer answered ${response.status}`),
  );
}

/** Not proven here: STS does that, before it gives anything for it. */
function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>>;
}

/** Audit records show it: an address or name where the token has one. At most 64 of the characters that STS takes. */
function sessionName({ email, preferred_username, sub }: Readonly<Record<string, unknown>>): string {
  const name = String(email ?? preferred_username ?? sub).replace(/[^\w+=,.@-]/g, '-');
  return name.slice(0, 64).padEnd(2, '-');
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
