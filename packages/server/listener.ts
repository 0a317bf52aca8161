import Fastify, { type FastifyInstance } from 'fastify';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Gateway } from '@helicase/wire';
import type { Clock, Log } from '@helicase/kernel';
import { EXPORTS_PATH, type Workflows } from '@helicase/workflows';
import { answerCors } from './cors.ts';
import type { Configuration } from './configuration.ts';
import { SIGN_IN_PATH } from './sign-in/routes.ts';
import { type Listener, listenerOf, listenFault, listenOn, makeServer, urlOf } from './http-servers.ts';

/** What Helicase's own routes ask. */
export interface OwnAnswers {
  health(): Promise<object>;
  /** Figures in Prometheus' text format. */
  figures(): string;
  openExport: Workflows['openExport'];
  signIn(app: FastifyInstance): void;
}

/** What docker speaks, below `/v2/`: no bucket has a name so short, and no signed path begins so. */
export type RegistryDoor = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** No bucket can have this name. */
const METRICS_PATH = '/-/metrics';

/** Paths that are Helicase's own; everything else is AWS's and goes to the gateway untouched. */
function isOwnPath(path: string): boolean {
  const isSignIn = path === SIGN_IN_PATH || path.startsWith(`${SIGN_IN_PATH}/`);
  return path === '/healthz' || path === METRICS_PATH || isSignIn || path.startsWith(EXPORTS_PATH);
}

/** Helicase's own routes. */
export async function ownRoutes({
  figures,
  health,
  openExport,
  signIn,
}: OwnAnswers): Promise<FastifyInstance> {
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
  signIn(app);
  await app.ready();
  return app;
}

/** Dispatches between our own routes and the AWS front door, by path alone, and logs one line per answer. */
export function requestListener(
  app: FastifyInstance,
  gateway: Gateway,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  { corsOrigins, maxRequests }: Pick<Configuration, 'corsOrigins' | 'maxRequests'>,
  registry?: RegistryDoor,
): RequestListener {
  let under = 0;
  return (request: IncomingMessage, response: ServerResponse) => {
    // The query may carry a presigned signature: it is not logged.
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const start = clock.now();
    under += 1;
    response.once('close', () => {
      under -= 1;
      log.info(answered(request, response, path, clock.now() - start), 'answered');
    });
    if (answerCors(corsOrigins, request, response)) return;
    // A bucket named healthz cannot be reached by path style without a signature: signed requests are AWS's.
    if (isOwnPath(path) && request.headers.authorization === undefined) app.routing(request, response);
    else if (under > maxRequests) refuseBusy(request, response);
    else if (registry && /^\/v2(?:\/|$)/.test(path)) void registry(request, response);
    else void gateway.handle(request, response);
  };
}

/** Before anything is read or looked up. Every client knows the code, waits and comes again. */
function refuseBusy(request: IncomingMessage, response: ServerResponse): void {
  const code = 'ServiceUnavailable';
  const isXml =
    request.headers['x-amz-target'] === undefined && !request.headers['content-type']?.includes('json');
  const message = 'Too many requests are being answered at this moment. Please try again.';
  const body = isXml
    ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`
    : JSON.stringify({ __type: code, message });
  const type = isXml ? 'application/xml' : 'application/json';
  response.writeHead(503, {
    'content-type': type,
    'x-amzn-errortype': code,
    'retry-after': '1',
    connection: 'close',
  });
  response.end(body);
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
  const { hosts, tls } = configuration;
  const servers: Server[] = [];
  const urls: string[] = [];
  let port = configuration.port;
  for (const host of hosts) {
    const server = makeServer(tls, handle);
    try {
      port = await listenOn(server, { host, port });
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
    urls.push(urlOf(tls, host, port));
  }
  return listenerOf(servers, urls, tls);
}
