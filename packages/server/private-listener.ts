import { chmod, rm } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import { markEndpoint } from '@helicase/wire';
import { type Configuration, ConfigurationError } from './configuration.ts';
import { type Listener, listenerOf, listenFault, listenOn, makeServer, urlOf } from './http-servers.ts';
import type { PrivateEndpoint } from './private-endpoint.ts';

/** Listens for every private endpoint: its connections carry its name and policy into each request. */
export async function listenPrivately(
  { endpoints, tls }: Pick<Configuration, 'endpoints' | 'tls'>,
  handle: RequestListener,
): Promise<Listener> {
  const servers: Server[] = [];
  const urls: string[] = [];
  try {
    for (const endpoint of endpoints) {
      const { server, url } = await listenFor(endpoint, tls, handle);
      servers.push(server);
      urls.push(url);
    }
  } catch (error) {
    for (const open of servers) open.close();
    throw error;
  }
  return listenerOf(servers, urls, tls);
}

async function listenFor(
  endpoint: PrivateEndpoint,
  tls: Configuration['tls'],
  handle: RequestListener,
): Promise<{ readonly server: Server; readonly url: string }> {
  const { listen, ...named } = endpoint;
  // Who may open a socket of the file system is the folder's to say; nobody listens on its way.
  const server = makeServer(listen.kind === 'tcp' ? tls : undefined, handle);
  server.on(listen.kind === 'tcp' && tls ? 'secureConnection' : 'connection', (socket) =>
    markEndpoint(socket, named),
  );
  if (listen.kind === 'socket') {
    await listenOnSocket(server, listen.path);
    return { server, url: `unix:${listen.path}` };
  }
  const { host } = listen;
  const port = await listenOn(server, listen).catch((error: unknown) => {
    throw listenFault(error as NodeJS.ErrnoException, host, listen.port);
  });
  return { server, url: urlOf(tls, host, port) };
}

/** A server that was killed leaves its socket behind: where nobody answers on it, it is ours to replace. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await listenOn(server, { path }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || (await isAnswered(path))) throw error;
      await rm(path);
      await listenOn(server, { path });
    });
    await chmod(path, 0o660);
  } catch (error) {
    throw new ConfigurationError([`cannot listen on the socket ${path}: ${(error as Error).message}`]);
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
