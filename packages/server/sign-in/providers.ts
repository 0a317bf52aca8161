/** An OpenID Connect issuer that people sign in at, and the role that they get by it. */
export interface SignInProvider {
  /** What the button says. */
  readonly name: string;
  /** Without a slash at its end; the account of the role must have it as a provider (`create-open-id-connect-provider`). */
  readonly issuer: string;
  /** Of a public client with PKCE, whose redirect URI is this server's `/-/sign-in`. */
  readonly clientId: string;
  readonly roleArn: string;
}

type Given = Readonly<Record<string, unknown>>;

/** What the configuration says of sign-in. Throws with what is wrong. */
export function signInProviders(value: unknown): readonly SignInProvider[] {
  if (!Array.isArray(value)) throw new Error('signIn must be a list of objects');
  return value.map((given: unknown, index) => provider((given ?? {}) as Given, `signIn[${index}]`));
}

function provider({ name, issuer, clientId, roleArn, ...others }: Given, where: string): SignInProvider {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new Error(`${where}: "${unknown}" is not known; name, issuer, clientId and roleArn are`);
  return {
    name: textOf(name, `${where}.name`),
    issuer: issuerOf(textOf(issuer, `${where}.issuer`), where),
    clientId: textOf(clientId, `${where}.clientId`),
    roleArn: roleOf(textOf(roleArn, `${where}.roleArn`), where),
  };
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${where} must be a text`);
}

function roleOf(text: string, where: string): string {
  if (/^arn:aws:iam::\d{12}:role\/.+$/.test(text)) return text;
  throw new Error(`${where}.roleArn is no role's ARN`);
}

/** Tokens must not pass in the clear, but on this machine. */
function issuerOf(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !isLocal) throw new Error(`${where}.issuer must be an https URL`);
  return text.replace(/\/$/, '');
}
