import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ids, Log, Scope } from '@helicase/kernel';
import {
  type ObservedCall,
  type OperationContext,
  peerOf,
  recordWith,
  type RequestObserver,
} from '@helicase/wire';
import { denialOf, type GuardPorts } from '../repository/guard.ts';
import { findRepository, registryOfHost, repositoryArn } from '../repository/model.ts';
import type { Login, LoginTokens } from '../login-tokens.ts';
import type { Images } from '../image/images.ts';
import type { Upstream } from '../upstream.ts';
import { answerBlob } from './blobs.ts';
import { answerManifest, answerTags } from './manifests.ts';
import { Refusal, refusalOf, sendRefusal } from './refusal.ts';
import { type Route, routeOf } from './route.ts';
import type { Visit } from './visit.ts';

export interface DoorPorts extends GuardPorts {
  readonly images: Images;
  readonly tokens: LoginTokens;
  readonly upstream: Upstream | undefined;
  readonly observers: readonly RequestObserver[];
  readonly ids: Ids;
  readonly log: Log;
}

/** What docker, podman and skopeo speak: the OCI distribution specification, for whoever logged in with ECR's token. */
export function createDoor(ports: DoorPorts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await answer(ports, request, response);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal && !response.destroyed) ports.log.error({ error }, 'a request of the registry failed');
      if (response.headersSent || response.destroyed) response.destroy();
      else sendRefusal(response, refusal ?? new Refusal(500, 'UNKNOWN', 'An internal error happened.'));
      request.resume();
    }
  };
}

async function answer(ports: DoorPorts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const login = await loginOf(ports.tokens, request);
  const { pathname, search } = new URL(url, 'http://registry');
  if (/^\/v2\/?$/.test(pathname)) return void response.writeHead(200, { 'content-length': 0 }).end();
  const route = routeOf(method, pathname);
  if (!route)
    throw new Refusal(404, 'UNSUPPORTED', `${method} ${pathname} is nothing that this registry has.`);
  if (!ports.upstream) throw new Refusal(503, 'UNSUPPORTED', 'This server fronts no container registry.');
  const scope = placeOf(request) ?? login.scope;
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const call = callOf(ports, { login, request, route, scope, signal: abort.signal });
  await observed(ports, call, async () => {
    const repository = await permitted(ports, call.context, scope, route);
    const visit: Visit = {
      ...{ request, response, route, search, repository, signal: abort.signal },
      ...{ upstream: ports.upstream!, images: ports.images, records: ports.records },
    };
    if (route.kind === 'manifest') await answerManifest(visit);
    else if (route.kind === 'tags') await answerTags(visit);
    else await answerBlob(visit);
  });
}

async function loginOf(tokens: LoginTokens, { headers }: IncomingMessage): Promise<Login> {
  const [, encoded] = /^Basic (.+)$/i.exec(headers.authorization ?? '') ?? [];
  const [, password] = /^AWS:(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? [];
  const login = password === undefined ? undefined : await tokens.open(password);
  if (login) return login;
  throw new Refusal(
    401,
    'UNAUTHORIZED',
    password === undefined
      ? 'Log in: aws ecr get-login-password | docker login --username AWS --password-stdin HOST'
      : 'Your authorization token has expired or is not of this server. Reauthenticate and try again.',
  );
}

/** Whose registry the host name means; an address means that of whoever asks. */
function placeOf({ headers }: IncomingMessage): Scope | undefined {
  return registryOfHost((headers.host ?? '').replace(/:\d+$/, ''));
}

/** The repository, where the principal may do this with it. What it may not, it does not learn of. */
async function permitted(ports: DoorPorts, context: OperationContext, scope: Scope, route: Route) {
  const { name, operation } = route;
  const repository = await findRepository(ports.repositories, ports.records.direct, scope, name);
  const place = { scope, name, repository };
  const denial = await denialOf(ports, context, `ecr:${operation}`, place);
  if (denial !== undefined) throw new Refusal(403, 'DENIED', denial);
  if (repository) return repository;
  const missing = `The repository with name '${name}' does not exist in the registry with id '${scope.account}'.`;
  throw new Refusal(
    404,
    'NAME_UNKNOWN',
    `${missing} Make it with: aws ecr create-repository --repository-name ${name}`,
  );
}

function callOf(
  { ids }: DoorPorts,
  how: {
    readonly login: Login;
    readonly request: IncomingMessage;
    readonly route: Route;
    readonly scope: Scope;
    readonly signal: AbortSignal;
  },
): ObservedCall {
  const { login, request, route, scope, signal } = how;
  const { name, operation, readOnly, reference } = route;
  const origin = peerOf(request);
  const { principal } = login;
  return {
    service: 'ecr',
    operation: { name: operation, action: `ecr:${operation}`, readOnly, quota: 'ecr' },
    resources: [repositoryArn(scope, name)],
    input: { registryId: scope.account, repositoryName: name, ...(reference && { reference }) },
    context: { ...{ scope: login.scope, principal, origin, signal }, requestId: ids.uuid() },
    origin,
    // The token stands for the principal alone.
    accessKeyId: '',
  };
}

/** Tells the observers as for every other operation: before, and how it ended. */
async function observed(
  { log, observers }: DoorPorts,
  call: ObservedCall,
  work: () => Promise<void>,
): Promise<void> {
  try {
    for (const observer of observers) await observer.admit?.(call);
    await work();
    await recordWith({ log, observers }, call, { status: 200 });
  } catch (error) {
    const { code = 'ServerException', message = '', status = 500 } = refusalOf(error) ?? {};
    await recordWith({ log, observers }, call, { status, code, message });
    throw error;
  }
}
