import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { faultsOf } from './faults.ts';
import { type ModelOperation, readModel } from './model.ts';

/**
 * A door in front of a server that holds every answer of HealthOmics against the API's model: wrong names, wrong types,
 * required members that are absent, another status. What passes is left as it is; signatures stay good, since the
 * Host header is passed on as it came.
 *
 * In a test: `const observer = await observe(world.server.url)`, then give clients `observer.url` where they had the
 * server's (`clientEnvironment(observer.url, world.credentials)`, `awsClients(observer.url, world.credentials)`). At the
 * end `assert.deepEqual(observer.faults(), [])` and `assert.deepEqual(observer.unseen(/^(Get|List)ReadSet/), [])`, which
 * lists operations that never answered well. All e2e tests at once, without a change to them:
 * `HELICASE_API_MODEL=1 node --test e2e/NAME.test.ts`: then `openWorld` puts this door in front of its server, in a
 * thread of its own, and `world.close()` fails with the faults. A server that a test starts again itself has no door.
 */
export interface Observer {
  readonly url: string;
  /** Each once: `GetRun: stopTime is required and absent`. */
  faults(): readonly string[];
  /** Names of the model's operations that match and have not answered with success yet. */
  unseen(names: RegExp): readonly string[];
  /** Members at the top of an answer that no answer had yet, as `GetRun.vpcConfig`: what the tests never show. */
  unseenMembers(names: RegExp): readonly string[];
  close(): Promise<void>;
}

export async function observe(target: string): Promise<Observer> {
  const model = readModel();
  const faults = new Set<string>();
  const succeeded = new Set<string>();
  const members = new Set<string>();
  const note = (operation: ModelOperation, status: number, body: Buffer) => {
    for (const fault of faultsOf(model, operation, { status, body }))
      faults.add(`${operation.name}: ${fault}`);
    if (status >= 400) return;
    succeeded.add(operation.name);
    if (Array.isArray(operation.output) && body.length > 0)
      for (const name of Object.keys(JSON.parse(body.toString()) as object))
        members.add(`${operation.name}.${name}`);
  };
  const server = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url!, target);
    const operation = isOmics(incoming)
      ? model.operations.find(({ method, path }) => method === incoming.method && path.test(pathname))
      : undefined;
    forward(target, incoming, outgoing, operation && ((status, body) => note(operation, status, body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const matching = (names: RegExp) => model.operations.filter(({ name }) => names.test(name));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: () => [...faults].sort(),
    unseen: (names) => matching(names).flatMap(({ name }) => (succeeded.has(name) ? [] : [name])),
    unseenMembers: (names) =>
      matching(names).flatMap(({ name, output }) =>
        Array.isArray(output)
          ? output.map((member) => `${name}.${member.name}`).filter((member) => !members.has(member))
          : [],
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The same door in a thread of its own, which answers the faults when it is closed. */
export async function observeApart(
  target: string,
): Promise<{ readonly url: string; close(): Promise<readonly string[]> }> {
  const thread = new Worker(new URL('observer-thread.ts', import.meta.url), { workerData: target });
  const said = async <T>() => ((await once(thread, 'message')) as [T])[0];
  const url = await said<string>();
  return {
    url,
    async close() {
      const faults = said<readonly string[]>();
      thread.postMessage('close');
      return faults.finally(() => void thread.terminate());
    },
  };
}

/** The service in the credential scope says whose operation it is. */
const isOmics = ({ headers }: IncomingMessage) => /\/omics\/aws4_request/.test(headers.authorization ?? '');

/** Bytes pass as they come; a body that somebody wants to see is seen before its end is passed on. */
function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  seen: ((status: number, body: Buffer) => void) | undefined,
): void {
  const { hostname, port } = new URL(target);
  const onward = request(
    { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false },
    (answer) => {
      const status = answer.statusCode!;
      outgoing.writeHead(status, answer.headers);
      const isBytes = answer.headers['content-type'] === 'application/octet-stream';
      const body: Buffer[] = [];
      if (!isBytes) answer.on('data', (piece: Buffer) => body.push(piece));
      answer.on('end', () => {
        seen?.(status, isBytes ? Buffer.alloc(0) : Buffer.concat(body));
        outgoing.end();
      });
      answer.pipe(outgoing, { end: false });
      answer.on('error', () => outgoing.destroy());
    },
  );
  onward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}
