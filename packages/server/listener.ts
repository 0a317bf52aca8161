import Fastify, { type FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Gateway } from '@helicase/wire';
import type { Clock, Log } from '@helicase/kernel';
import { EXPORTS_PATH, type Workflows } from '@helicase/workflows';
import { answerCors } from './cors.ts';
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

/** What Helicase's own routes ask. */
export interface OwnAnswers {
  health(): Promise<object>;
  /** Figures in Prometheus' text format. */
  figures(): string;
  openExport: Workflows['openExport'];
}

/** No bucket can have this name. */
const METRICS_PATH = '/-/metrics';

/** Paths that are Helicase's own; everything else is AWS's and goes to the gateway untouched. */
function isOwnPath(path: string): boolean {
  return path === '/healthz' || path === METRICS_PATH || path.startsWith(EXPORTS_PATH);
}

/** Helicase's own routes. */
export async function ownRoutes({ figures, health, openExport }: OwnAnswers): Promise<FastifyInstance> {
  const app = Fastify({ logger: false });
  app.get('/healthz', async () => health());
  app.get(METRICS_PATH, async (_, reply) => reply.type('text/plain; version=0.0.4').send(figures()));
  app.get<{ Params: Record<'account' | 'region', string>; Querystring: { readonly token?: string } }>(
    `${EXPORTS_PATH}:account/:region`,
    async ({ params: { account, region }, query: { token } }, reply) => {
      const file = token && (await openExport(account, region, token));
      if (!file) return reply.code(403).send({ message: 'This URL is not valid, or no longer.' });
      return reply
        .header('content-length', file.size)
        .header('content-disposition', `attachment; filename="${file.name}"`)
        .type(file.type)
        .send(file.body);
    },
  );
  await app.ready();
  return app;
}

/** Dispatches between our own routes and the AWS front door, by path alone, and logs one line per answer. */
export function requestListener(
  app: FastifyInstance,
  gateway: Gateway,
  clock: Clock,
  log: Log,
  corsOrigins: readonly string[] = [],
): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    // The query may carry a presigned signature: it is not logged.
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const start = clock.now();
    response.once('close', () =>
      log.info(answered(request, response, path, clock.now() - start), 'answered'),
    );
    if (answerCors(corsOrigins, request, response)) return;
    // A bucket named healthz cannot be reached by path style without a signature: signed requests are AWS's.
    if (isOwnPath(path) && request.headers.authorization === undefined) app.routing(request, response);
    else void gateway.handle(request, response);
  };
}

function answered(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  milliseconds: number,
): object {
  const { method, headers } = request;
  const requestId = response.getHeader('x-amzn-requestid') ?? response.getHeader('x-amz-request-id');
  const target = headers['x-amz-target'];
  const complete = response.writableFinished;
  return {
    requestId,
    method,
    path,
    ...(target ? { target } : {}),
    status: response.statusCode,
    complete,
    milliseconds,
  };
}

/** Listens on every host of the configuration. With port 0 the first host chooses and the others follow. */
export async function listen(
  configuration: Configuration,
  handle: RequestListener,
  log: Log,
): Promise<Listener> {
  const servers: Server[] = [];
  const urls: string[] = [];
  let port = configuration.port;
  for (const host of configuration.hosts) {
    const server = makeServer(configuration, handle);
    try {
      port = await listenOn(server, host, port);
    } catch (error) {
      const fault = error as NodeJS.ErrnoException;
      // A machine without IPv6 has no ::1; the address was our default, not the user's wish.
      if (fault.code === 'EADDRNOTAVAIL' && servers.length > 0) {
        log.warn({ host }, 'this machine has no such address; not listening there');
        continue;
      }
      for (const open of servers) open.close();
      throw listenFault(fault, host, port);
    }
    servers.push(server);
    urls.push(`${configuration.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  }
  return {
    urls,
    reloadCertificate() {
      const { tls } = configuration;
      if (!tls) return;
      const context = secureContext(tls);
      createSecureContext(context); // a key of another certificate is refused here, before any server has it
      for (const server of servers) (server as TlsServer).setSecureContext(context);
    },
    close: (grace) => closeAll(servers, grace),
  };
}

function makeServer(configuration: Configuration, handle: RequestListener): Server {
  // Uploads and live answers may take long: the time limits are on headers and idle connections.
  const options = {
    requestTimeout: 0,
    headersTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 64 * 1024,
  };
  if (!configuration.tls) return createServer(options, handle);
  return createTlsServer({ ...options, ...secureContext(configuration.tls) }, handle);
}

function secureContext({ certificate, key }: Required<Configuration>['tls']) {
  return { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2' as const };
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function listenFault(fault: NodeJS.ErrnoException, host: string, port: number): Error {
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
