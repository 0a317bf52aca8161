import { leaveFor, type Provider, returned } from './oidc.ts';
import { type Session, sessionByKey, sessionByToken, storedSession, storeSession } from './session.ts';

interface Configuration {
  readonly providers: readonly Provider[];
  readonly region: string;
}

const at = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

async function main(): Promise<void> {
  const { providers, region } = (await (await fetch('/-/sign-in/configuration')).json()) as Configuration;
  // Browsers have cryptography at https and at this machine's own addresses alone.
  if (!isSecureContext) throw new Error('Open this page by https: without it the browser signs nothing.');
  at('providers').replaceChildren(...providers.map(providerButton));
  at<HTMLFormElement>('access-key').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    attempt(() => byKey(form, region));
  });
  at('sign-out').addEventListener('click', () => show(undefined));
  at('copy').addEventListener('click', () => {
    attempt(() => navigator.clipboard.writeText(at('environment').textContent));
  });
  show(storedSession(), region);
  const back = await returned();
  if (back) show(await sessionByToken(back.provider.roleArn, back.token, back.name), region);
}

function providerButton(provider: Provider): HTMLButtonElement {
  const button = document.createElement('button');
  button.textContent = `Sign in with ${provider.name}`;
  button.addEventListener('click', () => attempt(() => leaveFor(provider)));
  return button;
}

async function byKey(form: HTMLFormElement, region: string): Promise<void> {
  const given = new FormData(form);
  const text = (name: string) => String(given.get(name) ?? '').trim();
  const keys = { accessKeyId: text('accessKeyId'), secretAccessKey: text('secretAccessKey') };
  const device = { serialNumber: text('serialNumber'), tokenCode: text('tokenCode') };
  const session = await sessionByKey(keys, region, device);
  form.reset();
  show(session, region);
}

function show(session: Session | undefined, region = ''): void {
  storeSession(session);
  at('sign-in').hidden = session !== undefined;
  at('signed-in').hidden = session === undefined;
  at('arn').textContent = session?.arn ?? '';
  at('expires').textContent = session ? new Date(session.expiration).toLocaleString() : '';
  at('environment').textContent = session ? environment(session, region) : '';
}

function environment(session: Session, region: string): string {
  const variables = {
    AWS_ENDPOINT_URL: location.origin,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');
}

/** What goes wrong is told on the page. */
function attempt(work: () => Promise<void>): void {
  at('fault').hidden = true;
  work().catch((error: unknown) => {
    at('fault').textContent = error instanceof Error ? error.message : String(error);
    at('fault').hidden = false;
  });
}

attempt(main);
