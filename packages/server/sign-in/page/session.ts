import { type Keys, signedHeaders } from './signature.ts';

/** Who is signed in, in this tab alone: it ends with the tab, or when STS said. */
export interface Session extends Required<Keys> {
  readonly arn: string;
  readonly expiration: string;
}

const KEY = 'helicase.session';

export function storedSession(): Session | undefined {
  const text = sessionStorage.getItem(KEY);
  const session = text === null ? undefined : (JSON.parse(text) as Session);
  if (session && Date.parse(session.expiration) > Date.now()) return session;
  sessionStorage.removeItem(KEY);
  return undefined;
}

export function storeSession(session: Session | undefined): void {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
}

/** The role's session for a token of the issuer. STS takes it without a signature. */
export async function sessionByToken(roleArn: string, token: string, name: string): Promise<Session> {
  const answer = await ask({
    ...{ Action: 'AssumeRoleWithWebIdentity', RoleArn: roleArn },
    ...{ RoleSessionName: name, WebIdentityToken: token },
  });
  return { ...credentialsIn(answer), arn: textOf(answer, 'AssumedRoleUser > Arn') };
}

/** Temporary credentials instead of the key itself, which is not kept; with a device's code where one is given. */
export async function sessionByKey(
  keys: Keys,
  region: string,
  device: { readonly serialNumber: string; readonly tokenCode: string },
): Promise<Session> {
  const { serialNumber: SerialNumber, tokenCode: TokenCode } = device;
  const shown: Record<string, string> = SerialNumber === '' ? {} : { SerialNumber, TokenCode };
  const credentials = credentialsIn(await ask({ Action: 'GetSessionToken', ...shown }, { keys, region }));
  const identity = await ask({ Action: 'GetCallerIdentity' }, { keys: credentials, region });
  return { ...credentials, arn: textOf(identity, 'Arn') };
}

async function ask(
  form: Readonly<Record<string, string>>,
  by?: { readonly keys: Keys; readonly region: string },
): Promise<Document> {
  const body = new URLSearchParams({ ...form, Version: '2011-06-15' }).toString();
  const headers = by
    ? await signedHeaders(by.keys, { body, host: location.host, region: by.region, now: new Date() })
    : { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const response = await fetch('/', { method: 'POST', headers, body });
  const answer = new DOMParser().parseFromString(await response.text(), 'text/xml');
  if (!response.ok)
    throw new Error(answer.querySelector('Message')?.textContent ?? `STS answered ${response.status}`);
  return answer;
}

function credentialsIn(answer: Document): Required<Keys> & { readonly expiration: string } {
  const of = (name: string) => textOf(answer, `Credentials > ${name}`);
  return {
    ...{ accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') },
    ...{ sessionToken: of('SessionToken'), expiration: of('Expiration') },
  };
}

function textOf(answer: Document, selector: string): string {
  const text = answer.querySelector(selector)?.textContent;
  if (!text) throw new Error(`STS answered no ${selector}`);
  return text;
}
