import type { EvaluationResult, SimulateCustomPolicyRequest } from '@aws-sdk/client-iam';
import { parseArn } from '@helicase/kernel';
import type { Identities } from '../authorize/identities.ts';
import type { Levels } from '../organization/organizations.ts';
import { checkPolicy } from '../policy-text.ts';
import {
  canonicalPrefix,
  contextOf,
  decide,
  type Decision,
  type Policies,
  type Policy,
  type Requester,
} from '../policy/index.ts';

export type Simulated = EvaluationResult;

/** What a simulation request gives, with what is attached already. */
export interface Simulation extends Omit<SimulateCustomPolicyRequest, 'PolicyInputList'> {
  readonly texts: readonly string[];
  readonly attached?: readonly Policy[];
  readonly boundary?: readonly Policy[];
  /** What limits the account; none where nothing does. */
  readonly serviceControl?: Levels;
  readonly caller: string;
  readonly account: string;
}

/** Asks the evaluator itself, so that a simulation says what a request would be answered. */
export function simulate(identities: Identities, simulation: Simulation): readonly Simulated[] {
  const policies = policiesOf(identities, simulation);
  const context = contextOf({
    'aws:PrincipalArn': simulation.caller,
    ...Object.fromEntries(
      (simulation.ContextEntries ?? []).map(({ ContextKeyName, ContextKeyType, ContextKeyValues }) => [
        ContextKeyName!,
        ContextKeyType?.endsWith('List') ? (ContextKeyValues ?? []) : (ContextKeyValues?.[0] ?? ''),
      ]),
    ),
  });
  const resources = simulation.ResourceArns?.length ? simulation.ResourceArns : ['*'];
  return (simulation.ActionNames ?? []).flatMap((action) =>
    resources.map((resource) => {
      const decision = decide(
        {
          requester: requesterOf(simulation),
          ...{ action: canonicalPrefix(action.toLowerCase()), resource, context },
          owner: ownerOf(simulation, resource),
        },
        policies,
      );
      const kept = decision.by ? [{ SourcePolicyId: decision.by.policy }] : [];
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decision.allowed ? 'allowed' : decision.by ? 'explicitDeny' : 'implicitDeny',
        MatchedStatements: kept,
        ...(simulation.serviceControl?.length ? organizationsDetail(decision) : {}),
        MissingContextValues: missing(policies, context),
      };
    }),
  );
}

function organizationsDetail({ allowed, type }: Decision): Pick<Simulated, 'OrganizationsDecisionDetail'> {
  return { OrganizationsDecisionDetail: { AllowedByOrganizations: allowed || type !== 'service-control' } };
}

function policiesOf(identities: Identities, simulation: Simulation): Policies {
  const { texts, attached = [], PermissionsBoundaryPolicyInputList: bounds, ResourcePolicy } = simulation;
  const compiled = (name: string, list: readonly string[]) =>
    list.map((text, index) =>
      identities.compiled(`${name}.${index + 1}`, checkPolicy(text, 'identity'), 'identity'),
    );
  const boundary = bounds?.length
    ? compiled('PermissionsBoundaryPolicyInputList', bounds)
    : simulation.boundary;
  return {
    identity: [...attached, ...compiled('PolicyInputList', texts)],
    ...(boundary ? { boundary } : {}),
    ...(simulation.serviceControl ? { serviceControl: simulation.serviceControl } : {}),
    ...(ResourcePolicy
      ? {
          resource: [
            identities.compiled('ResourcePolicy', checkPolicy(ResourcePolicy, 'resource'), 'resource'),
          ],
        }
      : {}),
  };
}

function requesterOf({ caller, account }: Simulation): Requester {
  const kind = caller.includes(':role/') ? 'role' : 'user';
  return { account: parseArn(caller)?.account ?? account, kind, arn: caller };
}

function ownerOf({ ResourceOwner, account }: Simulation, resource: string): string {
  return parseArn(ResourceOwner ?? '')?.account ?? (parseArn(resource)?.account || account);
}

/** Keys that the policies ask for and the simulation does not give. */
function missing(policies: Policies, context: ReadonlyMap<string, unknown>): string[] {
  const asked = policies.identity.flatMap(({ asks }) => [...asks]);
  const given = new Set([...context.keys()].map((key) => key.split('/', 1)[0]!));
  return [...new Set(asked)].filter((key) => !given.has(key));
}
