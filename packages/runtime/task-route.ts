import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Actor, buildProgram, type BuildOptions } from '@helicase/kernel';
import { NotAdmitted } from './admission.ts';
import type { TaskLaunch } from './backend.ts';

/** Who comes by a route. */
export interface RoutedTask {
  readonly actor: Actor;
  readonly runId: string;
  readonly attemptId: string;
}

/** One service of the host that tasks without network may reach, each in its actor's name. */
export interface TaskRoute {
  /** Answers the task's requests. */
  listener(task: RoutedTask): RequestListener;
  /** Tells the task, by variables, where the service is: `url` is `http://127.0.0.1:<port>` as the task sees it. */
  environment(task: RoutedTask, url: string): Readonly<Record<string, string>>;
}

/** A route that is open. */
export interface OpenRoute {
  readonly way: Required<TaskLaunch>['route'];
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Of the loopback that the task has for itself. */
const PORT = 4600;
/** The name that native/relay/relay.c looks for. */
const SOCKET = 'service.sock';
/** Of one task at a time: clients take ten, and more only where they are told to. */
const CONNECTIONS = 100;

const RELAY = {
  name: 'relay',
  folder: fileURLToPath(new URL('./native/relay/', import.meta.url)),
  flags: ['-std=gnu11', '-O2'],
  libraries: [],
};

/** Opens routes for tasks; the relay is compiled when the first one wants it. */
export class TaskRoutes {
  readonly #route: TaskRoute;
  readonly #build: BuildOptions;
  #relay: ReturnType<typeof buildProgram> | undefined;

  constructor(route: TaskRoute, build: BuildOptions) {
    this.#route = route;
    this.#build = build;
  }

  /** `directory`: the attempt's own, which the task does not see. Throws where the relay cannot be compiled. */
  async open(task: RoutedTask, directory: string): Promise<OpenRoute> {
    const built = await (this.#relay ??= buildProgram(RELAY, this.#build));
    if ('failure' in built) {
      this.#relay = undefined;
      throw new NotAdmitted(
        `Tasks reach S3 through a program that cannot be compiled here: ${built.failure} Install gcc and libc6-dev.`,
      );
    }
    const close = await listenAt(join(directory, SOCKET), this.#route.listener(task));
    const environment = this.#route.environment(task, `http://127.0.0.1:${PORT}`);
    return { way: { relay: built.path, folder: directory, port: PORT }, environment, close };
  }
}

/** The command with what brings it into its network in front of it. */
export function onItsWay(
  { networkNamespace, route: way }: Pick<TaskLaunch, 'networkNamespace' | 'route'>,
  command: readonly string[],
): readonly string[] {
  if (networkNamespace !== undefined) return ['nsenter', `--net=${networkNamespace}`, '--', ...command];
  return way ? [way.relay, way.folder, String(way.port), ...command] : command;
}

/** A socket's own path may not be longer than 107 bytes: it is named by way of its folder's descriptor. */
async function listenAt(path: string, handle: RequestListener): Promise<() => Promise<void>> {
  await rm(path, { force: true }); // a dead server's
  const folder = openSync(dirname(path), 'r');
  const { createServer } = await import('node:http'); // a command line, which has no route, does without
  const server = createServer(
    { requestTimeout: 0, keepAliveTimeout: 65_000, maxHeaderSize: 64 * 1024 },
    handle,
  );
  server.maxConnections = CONNECTIONS;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(`/proc/self/fd/${folder}/${SOCKET}`, resolve);
    });
  } catch (error) {
    closeSync(folder);
    throw error;
  }
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    closeSync(folder);
  };
}
