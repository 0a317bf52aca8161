import type { Actor, Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AnyOperation, Authorizer, OperationContext, Origin, ResourceGuard } from '@helicase/wire';
import { defineOperation } from '@helicase/wire';
import { findRepository, repositoryArn, type Repository, type RepositoryTable } from './model.ts';

export interface GuardPorts {
  readonly records: Records;
  readonly repositories: RepositoryTable;
  readonly authorizer: Authorizer;
}

/** What every operation on one repository takes. */
export interface OnRepository {
  readonly repositoryName?: string | undefined;
  /** The account of the registry; the caller's unless told. */
  readonly registryId?: string | undefined;
}

/** Whose registry is meant. */
export function registryOf({ registryId }: OnRepository, { scope }: Actor): Scope {
  return { account: registryId ?? scope.account, region: scope.region };
}

export function guardOf(repository: Repository | undefined): ResourceGuard {
  const policy = repository?.doc.policy;
  return policy === undefined ? {} : { resourcePolicies: [policy] };
}

/** An operation on one repository: its policy decides with the caller's own. */
export function onRepository<Input extends OnRepository, Output extends object>(
  { records, repositories }: GuardPorts,
  name: string,
  handler: (input: Input, context: OperationContext) => Promise<Output>,
): AnyOperation {
  return defineOperation<Input, Output>({
    ...{ name, action: `ecr:${name}`, quota: 'ecr', handler },
    readOnly: /^(Get|List|Describe|BatchGet)/.test(name),
    resources: (input, context) => [repositoryArn(registryOf(input, context), input.repositoryName!)],
    guard: async (input, context) => {
      const scope = registryOf(input, context);
      return guardOf(await findRepository(repositories, records.direct, scope, input.repositoryName!));
    },
  });
}

/** Why the actor may not do this with the repository, in IAM's sentence; undefined where it may. */
export async function denialOf(
  { authorizer }: Pick<GuardPorts, 'authorizer'>,
  actor: Actor & { readonly origin?: Origin },
  action: string,
  place: { readonly scope: Scope; readonly name: string; readonly repository: Repository | undefined },
): Promise<string | undefined> {
  const { origin, principal } = actor;
  const verdict = await authorizer.authorize({
    ...{ principal, scope: place.scope, action, resources: [repositoryArn(place.scope, place.name)] },
    ...(origin ? { origin } : {}),
    ...guardOf(place.repository),
  });
  return verdict.allowed ? undefined : verdict.message;
}
