import type {
  ApiDestination,
  ApiDestinationHttpMethod,
  Connection,
  CreateApiDestinationRequest,
  CreateApiDestinationResponse,
  CreateConnectionRequest,
  CreateConnectionResponse,
  DeleteApiDestinationRequest,
  DeleteConnectionRequest,
  DeleteConnectionResponse,
  DescribeApiDestinationRequest,
  DescribeApiDestinationResponse,
  DescribeConnectionRequest,
  DescribeConnectionResponse,
  ListApiDestinationsRequest,
  ListApiDestinationsResponse,
  ListConnectionsRequest,
  ListConnectionsResponse,
} from '@aws-sdk/client-eventbridge';
import { type Resource, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import {
  connectionArn,
  type ConnectionDoc,
  destinationArn,
  type DestinationDoc,
  parseEventArn,
} from './destination.ts';
import { errors } from './errors.ts';
import type { EventRoom } from './event-room.ts';
import { signatureFault } from './proof.ts';

const MOST = 1000;

export function destinationOperations(room: EventRoom): readonly AnyOperation[] {
  const entry = <Input extends { Name?: string | undefined }, Output>(
    name: string,
    type: 'connection' | 'api-destination',
    handler: (input: Input, context: OperationContext) => Promise<Output>,
  ) =>
    defineOperation<Input, Output>({
      ...{ name, action: `events:${name}`, quota: 'events', handler },
      readOnly: /^(?:Describe|List)/.test(name),
      resources: (input, { scope: { account, region } }) => [
        `arn:aws:events:${region}:${account}:${type}/${input.Name ?? '*'}`,
      ],
    });
  return [
    entry<CreateConnectionRequest, CreateConnectionResponse>(
      'CreateConnection',
      'connection',
      (input, context) => createConnection(room, input, context),
    ),
    entry<DescribeConnectionRequest, DescribeConnectionResponse>(
      'DescribeConnection',
      'connection',
      async (input, { scope }) => connectionFacts(await findConnection(room, scope, input.Name!)),
    ),
    entry<ListConnectionsRequest & { Name?: undefined }, ListConnectionsResponse>(
      'ListConnections',
      'connection',
      async (_, { scope }) => {
        const { rows } = await room.connections.list(room.records.direct, scope, { limit: MOST });
        return { Connections: rows.map(connectionFacts) };
      },
    ),
    entry<DeleteConnectionRequest, DeleteConnectionResponse>(
      'DeleteConnection',
      'connection',
      (input, context) => deleteConnection(room, input.Name!, context),
    ),
    entry<CreateApiDestinationRequest, CreateApiDestinationResponse>(
      'CreateApiDestination',
      'api-destination',
      (input, context) => createDestination(room, input, context),
    ),
    entry<DescribeApiDestinationRequest, DescribeApiDestinationResponse>(
      'DescribeApiDestination',
      'api-destination',
      async (input, { scope }) => {
        const found = await room.destinations.find(room.records.direct, scope, input.Name!);
        if (!found) throw errors.destinationNotFound({ name: input.Name! });
        return destinationFacts(room, found);
      },
    ),
    entry<ListApiDestinationsRequest & { Name?: undefined }, ListApiDestinationsResponse>(
      'ListApiDestinations',
      'api-destination',
      async (_, { scope }) => {
        const { rows } = await room.destinations.list(room.records.direct, scope, { limit: MOST });
        return { ApiDestinations: await Promise.all(rows.map((row) => destinationFacts(room, row))) };
      },
    ),
    entry<DeleteApiDestinationRequest, object>(
      'DeleteApiDestination',
      'api-destination',
      async (input, { scope }) => {
        const found = await room.destinations.find(room.records.direct, scope, input.Name!);
        if (!found) throw errors.destinationNotFound({ name: input.Name! });
        await room.destinations.remove(room.records.direct, scope, found.id);
        return {};
      },
    ),
  ];
}

async function createConnection(
  room: EventRoom,
  input: CreateConnectionRequest,
  { scope }: OperationContext,
): Promise<CreateConnectionResponse> {
  const { ApiKeyAuthParameters: apiKey, BasicAuthParameters: basic } = input.AuthParameters ?? {};
  const [name, secret] =
    input.AuthorizationType === 'BASIC'
      ? [basic?.Username, basic?.Password]
      : input.AuthorizationType === 'API_KEY'
        ? [apiKey?.ApiKeyName, apiKey?.ApiKeyValue]
        : [];
  if (name === undefined || secret === undefined)
    throw errors.connectionKind({ kind: input.AuthorizationType! });
  const reason = apiKey && signatureFault(name, secret);
  if (reason !== undefined) throw errors.signingSecret({ reason });
  const doc: ConnectionDoc = {
    ...{ kind: input.AuthorizationType as ConnectionDoc['kind'], name, uuid: room.ids.uuid() },
    sealed: await room.keyring.sealSecret(scope, secret),
    ...(input.Description === undefined ? {} : { description: input.Description }),
  };
  const row = await room.connections
    .insert(room.records.direct, { scope, id: input.Name!, status: 'AUTHORIZED', doc })
    .catch((error: unknown) => {
      throw error instanceof UniqueViolation ? errors.connectionExists({ name: input.Name! }) : error;
    });
  const { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime } = connectionFacts(row);
  return { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime };
}

async function deleteConnection(
  room: EventRoom,
  name: string,
  { scope }: OperationContext,
): Promise<DeleteConnectionResponse> {
  return room.records.transaction(async (tx) => {
    const row = await room.connections.hold(tx, scope, name);
    if (!row) throw errors.connectionNotFound({ name });
    const { rows } = await room.destinations.list(tx, scope, { where: { connection: name }, limit: 1 });
    if (rows[0]) throw errors.connectionInUse({ name, destination: rows[0].id });
    await room.connections.remove(tx, scope, name);
    return { ...connectionFacts(row), ConnectionState: 'DELETING' as const };
  });
}

async function createDestination(
  room: EventRoom,
  input: CreateApiDestinationRequest,
  { scope }: OperationContext,
): Promise<CreateApiDestinationResponse> {
  const connection = parseEventArn(input.ConnectionArn!, 'connection');
  const known = connection && (await room.connections.find(room.records.direct, scope, connection.name));
  if (known?.doc.uuid !== connection?.uuid || !connection)
    throw errors.connectionNotFound({ name: input.ConnectionArn! });
  refuseInsecure(input.InvocationEndpoint!);
  const doc: DestinationDoc = {
    ...{
      uuid: room.ids.uuid(),
      connection: connection.name,
      endpoint: input.InvocationEndpoint!,
      method: input.HttpMethod!,
    },
    ...(input.Description === undefined ? {} : { description: input.Description }),
  };
  const row = await room.destinations
    .insert(room.records.direct, { scope, id: input.Name!, status: 'ACTIVE', doc })
    .catch((error: unknown) => {
      throw error instanceof UniqueViolation ? errors.destinationExists({ name: input.Name! }) : error;
    });
  const { ApiDestinationArn, ApiDestinationState, CreationTime, LastModifiedTime } = await destinationFacts(
    room,
    row,
  );
  return { ApiDestinationArn, ApiDestinationState, CreationTime, LastModifiedTime };
}

/** Events may name patients' files: they leave this machine encrypted or not at all. */
function refuseInsecure(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = parsed !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(parsed.hostname);
  if (parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLocal)) return;
  throw errors.insecureEndpoint({ url });
}

export async function findConnection(
  room: EventRoom,
  scope: OperationContext['scope'],
  name: string,
): Promise<Resource<ConnectionDoc, 'AUTHORIZED'>> {
  const row = await room.connections.find(room.records.direct, scope, name);
  if (!row) throw errors.connectionNotFound({ name });
  return row;
}

function connectionFacts({
  createdAt,
  doc,
  id,
  scope,
  status,
  updatedAt,
}: Resource<ConnectionDoc, 'AUTHORIZED'>) {
  return {
    ...{ ConnectionArn: connectionArn(scope, id, doc.uuid), Name: id, Description: doc.description },
    ...{ ConnectionState: status, AuthorizationType: doc.kind },
    AuthParameters:
      doc.kind === 'BASIC'
        ? { BasicAuthParameters: { Username: doc.name } }
        : { ApiKeyAuthParameters: { ApiKeyName: doc.name } },
    ...{ CreationTime: new Date(createdAt), LastModifiedTime: new Date(updatedAt) },
  } satisfies Connection & DescribeConnectionResponse;
}

async function destinationFacts(
  room: EventRoom,
  { createdAt, doc, id, scope, status, updatedAt }: Resource<DestinationDoc, 'ACTIVE'>,
): Promise<ApiDestination> {
  const connection = await room.connections.find(room.records.direct, scope, doc.connection);
  return {
    ...{ ApiDestinationArn: destinationArn(scope, id, doc.uuid), Name: id, ApiDestinationState: status },
    ...{ InvocationEndpoint: doc.endpoint, HttpMethod: doc.method as ApiDestinationHttpMethod },
    ConnectionArn: connectionArn(scope, doc.connection, connection?.doc.uuid ?? ''),
    ...{ CreationTime: new Date(createdAt), LastModifiedTime: new Date(updatedAt) },
  };
}
