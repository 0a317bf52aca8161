import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { ListenOptions } from 'node:net';
import { createSecureContext } from 'node:tls';
import { ConfigurationError, type Configuration } from './configuration.ts';

/** Open sockets of one server process. */
export interface Listener {
  /** `http://127.0.0.1:4600`, one per address. */
  readonly urls: readonly string[];
  /** Reads the TLS certificate and key anew: new connections get them, open ones go on. Throws where they do not fit. */
  reloadCertificate(): void;
  /** Refuses new connections, lets requests under way finish for `grace` milliseconds, then closes. */
  close(grace: number): Promise<void>;
}

type Tls = Configuration['tls'];

export function listenerOf(servers: readonly Server[], urls: readonly string[], tls: Tls): Listener {
  return {
    urls,
    reloadCertificate() {
      if (!tls) return;
      const context = secureContext(tls);
      createSecureContext(context); // a key of another certificate is refused here, before any server has it
      for (const server of servers)
        if ('setSecureContext' in server) (server as TlsServer).setSecureContext(context);
    },
    close: (grace) => closeAll(servers, grace),
  };
}

export function makeServer(tls: Tls, handle: RequestListener): Server {
  // Uploads and live answers may take long: the time limits are on headers and on connections where nothing moves.
  const options = {
    requestTimeout: 0,
    headersTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 64 * 1024,
  };
  const server = tls
    ? createTlsServer({ ...options, ...secureContext(tls) }, handle)
    : createServer(options, handle);
  return server.setTimeout(IDLE);
}

/** Milliseconds without a byte in either direction, after which a connection is given up. */
const IDLE = 15 * 60_000;

function secureContext({ certificate, key }: NonNullable<Tls>) {
  return { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2' as const };
}

/** The port that it listens on; 0 of a socket in the file system. */
export function listenOn(server: Server, where: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

export function listenFault(fault: NodeJS.ErrnoException, host: string, port: number): Error {
  if (fault.code === 'EADDRINUSE') {
    return new ConfigurationError([
      `port ${port} on ${host} is in use: give another with --port (0 takes a free one)`,
    ]);
  }
  if (fault.code === 'EACCES')
    return new ConfigurationError([
      `port ${port} on ${host} may not be used by this user: give one above 1023`,
    ]);
  return new ConfigurationError([`cannot listen on ${host} port ${port}: ${fault.message}`]);
}

async function closeAll(servers: readonly Server[], grace: number): Promise<void> {
  const timer = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), grace);
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return closed;
    }),
  );
  clearTimeout(timer);
}

export function urlOf(tls: Tls, host: string, port: number): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
