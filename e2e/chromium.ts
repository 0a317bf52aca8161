import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const program = NAMES.find((name) => spawnSync(name, ['--version']).status === 0);

/** False where a browser is on the path; otherwise why tests that need one skip. */
export const withoutChromium = program ? false : `none of ${NAMES.join(', ')} is on the path`;

/** One page of a real browser, by its DevTools protocol. */
export interface BrowserPage {
  goTo(url: string): Promise<void>;
  /** The value of an expression in the page; undefined where the page is being left just now. */
  evaluate<T>(expression: string): Promise<T | undefined>;
  /** A picture of it, PNG. */
  picture(): Promise<Buffer>;
  close(): Promise<void>;
}

export async function openChromium(): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'helicase-chromium-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--window-size=900,900',
  ];
  const child = spawn(
    program!,
    [...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const [, found] = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(`chromium did not start: ${printed}`)));
  });
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as readonly Target[];
  const send = await connect(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  return {
    async goTo(url) {
      await send('Page.navigate', { url });
    },
    async evaluate<T>(expression: string) {
      const options = { expression, awaitPromise: true, returnByValue: true };
      const { result, exceptionDetails } = await send('Runtime.evaluate', options);
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { readonly value: T } | undefined)?.value;
    },
    async picture() {
      const { data } = await send('Page.captureScreenshot', {});
      return Buffer.from(String(data), 'base64');
    },
    async close() {
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Target {
  readonly type: string;
  readonly webSocketDebuggerUrl: string;
}
type Answer = Readonly<Record<string, unknown>>;
type Send = (method: string, params: object) => Promise<Answer>;

async function connect(url: string): Promise<Send> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: Answer };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let count = 0;
  return (method, params) =>
    new Promise((resolve) => {
      const id = ++count;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
}
