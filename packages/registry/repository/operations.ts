import type {
  CreateRepositoryRequest,
  CreateRepositoryResponse,
  DeleteRepositoryRequest,
  DeleteRepositoryResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  PutImageTagMutabilityRequest,
  PutImageTagMutabilityResponse,
  Repository as ApiRepository,
} from '@aws-sdk/client-ecr';
import type { Ids } from '@helicase/kernel';
import { UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { Images } from '../image/images.ts';
import type { Upstream } from '../upstream.ts';
import { type GuardPorts, onRepository, registryOf } from './guard.ts';
import {
  findRepository,
  type Repository,
  repositoryArn,
  type RepositoryDoc,
  repositoryUri,
  requireRepository,
} from './model.ts';

export interface RepositoryPorts extends GuardPorts {
  readonly images: Images;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
  /** Absent where the operator configured none. */
  readonly upstream: Upstream | undefined;
}

const PAGE = 100;

export function repositoryOperations(ports: RepositoryPorts): readonly AnyOperation[] {
  const { records, repositories } = ports;
  return [
    onRepository<CreateRepositoryRequest, CreateRepositoryResponse>(
      ports,
      'CreateRepository',
      (input, context) => createRepository(ports, input, context),
    ),
    defineOperation<DescribeRepositoriesRequest, DescribeRepositoriesResponse>({
      ...{ name: 'DescribeRepositories', action: 'ecr:DescribeRepositories', readOnly: true, quota: 'ecr' },
      resources: (input, context) =>
        (input.repositoryNames ?? ['*']).map((name) => repositoryArn(registryOf(input, context), name)),
      guard: async (input, context) => policyOfOne(ports, input, context),
      handler: (input, context) => describeRepositories(ports, input, context),
    }),
    onRepository<DeleteRepositoryRequest, DeleteRepositoryResponse>(
      ports,
      'DeleteRepository',
      (input, context) => deleteRepository(ports, input, context),
    ),
    onRepository<PutImageTagMutabilityRequest, PutImageTagMutabilityResponse>(
      ports,
      'PutImageTagMutability',
      async (input, context) => {
        const scope = registryOf(input, context);
        const found = await requireRepository(repositories, records.direct, scope, input.repositoryName!);
        const tagMutability = mutabilityOf(input.imageTagMutability);
        await repositories.update(records.direct, scope, found.id, (doc) => ({ ...doc, tagMutability }));
        return {
          ...{ registryId: scope.account, repositoryName: found.doc.name, imageTagMutability: tagMutability },
        };
      },
    ),
  ];
}

/** Several repositories in one request are each asked for with the caller's policies alone. */
async function policyOfOne(
  { records, repositories }: RepositoryPorts,
  input: DescribeRepositoriesRequest,
  context: OperationContext,
) {
  const [name, ...more] = input.repositoryNames ?? [];
  if (name === undefined || more.length > 0) return {};
  const found = await findRepository(repositories, records.direct, registryOf(input, context), name);
  return found?.doc.policy === undefined ? {} : { resourcePolicies: [found.doc.policy] };
}

async function createRepository(
  { ids, records, repositories, upstream }: RepositoryPorts,
  input: CreateRepositoryRequest,
  context: OperationContext,
): Promise<CreateRepositoryResponse> {
  if (!upstream) throw errors.notConfigured({});
  const scope = registryOf(input, context);
  const name = input.repositoryName!;
  if (input.encryptionConfiguration?.encryptionType?.startsWith('KMS'))
    throw errors.unsupported({ member: 'encryptionConfiguration with a KMS key' });
  const doc: RepositoryDoc = {
    ...{ name, tagMutability: mutabilityOf(input.imageTagMutability) },
    tags: Object.fromEntries((input.tags ?? []).map(({ Key, Value }) => [Key!, Value ?? ''])),
  };
  try {
    const row = { scope, id: ids.numeric(), status: 'ACTIVE' as const, doc };
    return { repository: describe(await repositories.insert(records.direct, row)) };
  } catch (error) {
    if (error instanceof UniqueViolation) throw errors.repositoryExists({ name, registry: scope.account });
    throw error;
  }
}

function mutabilityOf(given: string | undefined): RepositoryDoc['tagMutability'] {
  if (given === undefined || given === 'MUTABLE') return 'MUTABLE';
  if (given === 'IMMUTABLE') return 'IMMUTABLE';
  throw errors.unsupported({ member: `imageTagMutability ${given}` });
}

export function describe({ createdAt, doc, scope }: Repository): ApiRepository {
  return {
    repositoryArn: repositoryArn(scope, doc.name),
    registryId: scope.account,
    repositoryName: doc.name,
    repositoryUri: repositoryUri(scope, doc.name),
    createdAt: new Date(createdAt),
    imageTagMutability: doc.tagMutability,
    imageScanningConfiguration: { scanOnPush: false },
  };
}

async function describeRepositories(
  { pageTokens, records, repositories }: RepositoryPorts,
  input: DescribeRepositoriesRequest,
  context: OperationContext,
): Promise<DescribeRepositoriesResponse> {
  const scope = registryOf(input, context);
  const { maxResults = PAGE, nextToken, repositoryNames } = input;
  if (repositoryNames) {
    const found = repositoryNames.map((name) => requireRepository(repositories, records.direct, scope, name));
    return { repositories: (await Promise.all(found)).map(describe) };
  }
  const binding = { scope, operation: 'DescribeRepositories', filter: {} };
  const after = nextToken === undefined ? undefined : pageTokens.read(binding, nextToken);
  const query = { limit: maxResults, ...(after ? { after } : {}) };
  const { next, rows } = await repositories.list(records.direct, scope, query);
  return {
    repositories: rows.map(describe),
    ...(next ? { nextToken: pageTokens.issue(binding, next) } : {}),
  };
}

async function deleteRepository(
  { images, records, repositories, upstream }: RepositoryPorts,
  input: DeleteRepositoryRequest,
  context: OperationContext,
): Promise<DeleteRepositoryResponse> {
  const scope = registryOf(input, context);
  const name = input.repositoryName!;
  const { gone, repository } = await records.transaction(async (tx) => {
    const found = await requireRepository(repositories, tx, scope, name);
    await repositories.hold(tx, scope, found.id);
    if (!input.force && (await images.all(tx, found)).length > 0)
      throw errors.repositoryNotEmpty({ name, registry: scope.account });
    const digests = await images.removeAll(tx, found);
    await repositories.remove(tx, scope, found.id);
    return { gone: digests, repository: found };
  });
  for (const digest of gone) await upstream?.forget(scope, name, digest);
  return { repository: describe(repository) };
}
