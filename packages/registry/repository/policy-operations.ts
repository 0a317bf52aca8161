import type {
  DeleteRepositoryPolicyRequest,
  DeleteRepositoryPolicyResponse,
  GetRepositoryPolicyRequest,
  GetRepositoryPolicyResponse,
  SetRepositoryPolicyRequest,
  SetRepositoryPolicyResponse,
} from '@aws-sdk/client-ecr';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { denialOf, type GuardPorts, onRepository, type OnRepository, registryOf } from './guard.ts';
import { type Repository, requireRepository } from './model.ts';

export interface PolicyPorts extends GuardPorts {
  /** What is wrong with a repository policy, in IAM's sentence; undefined where nothing is. */
  readonly policyFault: (text: string) => string | undefined;
}

/** Who else may use a repository: HealthOmics, other accounts. */
export function policyOperations(ports: PolicyPorts): readonly AnyOperation[] {
  const { records, repositories } = ports;
  const find = (input: OnRepository, context: OperationContext) =>
    requireRepository(repositories, records.direct, registryOf(input, context), input.repositoryName!);
  return [
    onRepository<SetRepositoryPolicyRequest, SetRepositoryPolicyResponse>(
      ports,
      'SetRepositoryPolicy',
      async (input, context) => setPolicy(ports, await find(input, context), input, context),
    ),
    onRepository<GetRepositoryPolicyRequest, GetRepositoryPolicyResponse>(
      ports,
      'GetRepositoryPolicy',
      async (input, context) => answer(await find(input, context)),
    ),
    onRepository<DeleteRepositoryPolicyRequest, DeleteRepositoryPolicyResponse>(
      ports,
      'DeleteRepositoryPolicy',
      async (input, context) => {
        const found = await find(input, context);
        const before = answer(found);
        await repositories.update(records.direct, found.scope, found.id, ({ policy: _, ...doc }) => doc);
        return before;
      },
    ),
  ];
}

async function setPolicy(
  ports: PolicyPorts,
  found: Repository,
  { force, policyText }: SetRepositoryPolicyRequest,
  context: OperationContext,
): Promise<SetRepositoryPolicyResponse> {
  const policy = policyText!;
  const fault = ports.policyFault(policy);
  if (fault !== undefined) throw errors.policyMalformed({ fault });
  const { doc, id, scope } = found;
  const later = { scope, name: doc.name, repository: { ...found, doc: { ...doc, policy } } };
  if (!force && (await denialOf(ports, context, 'ecr:SetRepositoryPolicy', later)) !== undefined)
    throw errors.policyLocksOut({});
  const { records, repositories } = ports;
  return answer(await repositories.update(records.direct, scope, id, (before) => ({ ...before, policy })));
}

function answer({ doc, scope }: Repository): GetRepositoryPolicyResponse {
  const { name, policy } = doc;
  if (policy === undefined) throw errors.policyMissing({ name, registry: scope.account });
  return { registryId: scope.account, repositoryName: name, policyText: policy };
}
