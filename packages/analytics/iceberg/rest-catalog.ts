import { type NarrowCredentials, ServiceError } from '@helicase/kernel';
import type { Authorizer, RawRequest, RawService } from '@helicase/wire';
import { type TablePorts, visibleTables } from '../catalog/tables.ts';
import { readable } from './bucket-view.ts';
import { type OpenTable, openTables, tableLocation, tablePrefix, tablesBucket } from './open-table.ts';
import { currentMetadata, type PublishPorts } from './published.ts';

export interface RestCatalogPorts extends TablePorts, PublishPorts {
  readonly authorizer?: Authorizer | undefined;
  readonly narrowCredentials?: NarrowCredentials | undefined;
}

/** Clients sign for this service, as they do for AWS's own Iceberg endpoint of S3 Tables. */
const SIGNED_FOR = 's3tables';
const PREFIX = '/iceberg/v1';

interface Answer {
  readonly status: number;
  readonly body?: object;
}

/** The Iceberg REST catalog, to read: databases are namespaces, a store's table is one table, a cohort's two sides are two more. */
export function restCatalog(ports: RestCatalogPorts): RawService {
  return {
    name: SIGNED_FOR,
    handle: async (request) => {
      request.body.resume();
      const { status, body } = await answerOf(ports, request).catch(faultAnswer);
      const text = body && request.request.method !== 'HEAD' ? JSON.stringify(body) : '';
      request.response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      request.response.end(text);
    },
  };
}

async function answerOf(ports: RestCatalogPorts, request: RawRequest): Promise<Answer> {
  const method = request.request.method ?? 'GET';
  const path = request.path.split('?')[0]!;
  if (!path.startsWith(PREFIX)) return fault(404, 'NotFoundException', `There is nothing at ${path}`);
  const parts = path.slice(PREFIX.length).split('/').filter(Boolean).map(decodeURIComponent);
  if (method === 'POST' && parts.at(-1) === 'metrics') return { status: 204 };
  if (method !== 'GET' && method !== 'HEAD') {
    return fault(
      406,
      'UnsupportedOperationException',
      'Stores are changed by the HealthOmics API; this catalog is to be read',
    );
  }
  await authorize(ports, request);
  return read(ports, request, parts);
}

async function read(ports: RestCatalogPorts, request: RawRequest, parts: readonly string[]): Promise<Answer> {
  const [collection, namespace, kind, name, ...others] = parts;
  if (collection === 'config') return { status: 200, body: { defaults: {}, overrides: {} } };
  if (collection !== 'namespaces' || others.length > 0)
    return fault(404, 'NotFoundException', 'There is no such resource');
  const tables = await visibleTables(ports, request);
  const names = [...new Set(tables.map(({ database }) => database))].sort();
  if (namespace === undefined) return { status: 200, body: { namespaces: names.map((each) => [each]) } };
  if (!names.includes(namespace))
    return fault(404, 'NoSuchNamespaceException', `Namespace does not exist: ${namespace}`);
  if (kind === undefined) return { status: 200, body: { namespace: [namespace], properties: {} } };
  if (kind !== 'tables') return fault(404, 'NotFoundException', 'There is no such resource');
  const open = new Map(
    tables.filter(({ database }) => database === namespace).flatMap((table) => [...openTables(table)]),
  );
  if (name === undefined) {
    return {
      status: 200,
      body: { identifiers: [...open.keys()].map((each) => ({ namespace: [namespace], name: each })) },
    };
  }
  const table = open.get(name);
  if (!table) return fault(404, 'NoSuchTableException', `Table does not exist: ${namespace}.${name}`);
  const isReadable = (await readable(ports, request)).some(({ id }) => id === table.id);
  if (!isReadable) {
    return fault(
      403,
      'ForbiddenException',
      `Only a part of ${namespace}.${name} is granted, which files cannot be cut to: query it with Athena`,
    );
  }
  const { location, metadata } = await currentMetadata(ports, table);
  const vended = await vendedCredentials(ports, request, table);
  return {
    status: 200,
    body: {
      ...(location === undefined ? {} : { 'metadata-location': location }),
      ...{ metadata, config: { ...storageConfig(request), ...vended } },
      ...(vended ? { 'storage-credentials': [{ prefix: tableLocation(table), config: vended }] } : {}),
    },
  };
}

/** Where the client asks for them: good for an hour, and to read this table's files alone. */
async function vendedCredentials(
  { narrowCredentials }: RestCatalogPorts,
  { request, principal }: RawRequest,
  table: OpenTable,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (!String(request.headers['x-iceberg-access-delegation'] ?? '').includes('vended-credentials'))
    return undefined;
  const vended = await narrowCredentials?.(principal, readingPolicy(table));
  return (
    vended && {
      's3.access-key-id': vended.accessKeyId,
      's3.secret-access-key': vended.secretAccessKey,
      's3.session-token': vended.sessionToken,
      's3.session-token-expires-at-ms': String(vended.expiresAt),
    }
  );
}

/** A session policy: the table's files, and the list of them. */
function readingPolicy(table: OpenTable): string {
  const bucket = `arn:aws:s3:::${tablesBucket(table.owner)}`;
  const files = `${tablePrefix(table)}/*`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/${files}` },
      {
        ...{ Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
        Condition: { StringLike: { 's3:prefix': files } },
      },
    ],
  });
}

/** Where and how the table's files are read: this server's S3. */
function storageConfig({ scope, host, request }: RawRequest): Readonly<Record<string, string>> {
  const scheme = 'encrypted' in request.socket ? 'https' : 'http';
  return {
    's3.endpoint': `${scheme}://${host}`,
    's3.region': scope.region,
    'client.region': scope.region,
    's3.path-style-access': 'true',
    's3.force-virtual-addressing': 'false',
  };
}

async function authorize({ authorizer }: RestCatalogPorts, { scope, principal }: RawRequest): Promise<void> {
  const verdict = await authorizer?.authorize({
    ...{ principal, scope, action: 'glue:GetTable' },
    resources: [`arn:aws:glue:${scope.region}:${scope.account}:catalog`],
  } as Parameters<Authorizer['authorize']>[0]);
  if (verdict && !verdict.allowed) throw new Forbidden(verdict.message);
}

class Forbidden extends Error {}

function faultAnswer(error: unknown): Answer {
  if (error instanceof Forbidden) return fault(403, 'ForbiddenException', error.message);
  if (error instanceof ServiceError && error.status < 500)
    return fault(error.status, error.code, error.message);
  throw error;
}

function fault(code: number, type: string, message: string): Answer {
  return { status: code, body: { error: { message, type, code } } };
}
