import { type Actor, parseArn, type Principal, rolePrincipal, rootPrincipal } from '@helicase/kernel';
import type { AuthorizationQuestion, ConditionKeys } from '@helicase/wire';
import type { Accounts } from '../account/accounts.ts';
import type { Explained, ExplainingAuthorizer } from '../authorize/authorizer.ts';
import type { Entities } from '../entity/entities.ts';
import { errors } from '../errors.ts';
import { decisionSentence } from '../policy/index.ts';
import type { RoleDoc } from '../role/model.ts';
import type { UserDoc } from '../user/model.ts';

/** Who may do this to that? */
export interface AccessQuestion {
  /** ARN of a root, user or role; everyone of the server where none is given. */
  readonly principal?: string;
  /** `omics:GetReadSet` */
  readonly action: string;
  readonly resource: string;
  readonly region: string;
  readonly conditions?: ConditionKeys;
}

export interface AccessAnswer extends AccessWay {
  readonly principal: string;
  readonly allowed: boolean;
  /** The policy and statement that decided, or which kind of policy lacks one. */
  readonly reason: string;
}

/** What is done to what. */
export interface AccessWay {
  readonly action: string;
  readonly resource: string;
}

/** What a resource says of itself: its owner, its own policies, how policies name it. Undefined where it says nothing. */
export type GuardOf = (
  asker: Actor,
  action: string,
  resource: string,
) => Promise<Partial<AuthorizationQuestion> | undefined>;

/** What other rooms know of resources. */
export interface Surroundings {
  readonly guardOf: GuardOf;
  /** Another way to the same bytes: a read set's files in S3. */
  readonly otherWay: (action: string, resource: string) => AccessWay | undefined;
}

export interface ExplanationPorts extends Surroundings {
  readonly authorizer: ExplainingAuthorizer;
  readonly accounts: Pick<Accounts, 'list'>;
  readonly users: Entities<UserDoc>;
  readonly roles: Entities<RoleDoc>;
}

/**
 * Asks the evaluator that requests are put to, and tells which statement decided. For operators: it names policies.
 * Without a principal everyone of the resource's account is told of, and of others those whom a policy of the resource
 * is about.
 */
export async function explainAccess(
  ports: ExplanationPorts,
  question: AccessQuestion,
): Promise<readonly AccessAnswer[]> {
  const { action, principal, resource } = question;
  const askers = principal === undefined ? await everyoneOfAll(ports) : [await principalAt(ports, principal)];
  const other = ports.otherWay(action, resource);
  const answers: AccessAnswer[] = [];
  for (const way of [{ action, resource }, ...(other ? [other] : [])]) {
    for (const asker of askers) {
      const answer = await answerFor(ports, { ...question, ...way }, asker);
      if (principal !== undefined || answer.isConcerned) answers.push(answer);
    }
  }
  return answers.map(({ action, resource, principal, allowed, reason }) => ({
    ...{ action, resource, principal, allowed, reason },
  }));
}

/** `isConcerned`: of the resource's account, or of another one that a policy of the resource does not just leave out. */
async function answerFor(
  { authorizer, guardOf }: ExplanationPorts,
  { action, conditions, region, resource }: AccessQuestion,
  principal: Principal,
): Promise<AccessAnswer & { readonly isConcerned: boolean }> {
  const scope = { account: principal.account, region };
  const guard = await guardOf({ scope, principal }, action, resource);
  const asked: AuthorizationQuestion = {
    ...{ principal, scope, action, resources: [resource], ...guard },
    conditions: { ...conditions, ...guard?.conditions },
  };
  const [{ decision }] = (await authorizer.explain(asked)) as [Explained];
  const owner = guard?.owner ?? (parseArn(resource)?.account || principal.account);
  const isLeftOut = !decision.allowed && decision.type === 'resource' && decision.by === undefined;
  return {
    ...{ action, resource, principal: principal.arn, allowed: decision.allowed },
    reason: decisionSentence(decision),
    isConcerned: owner === principal.account || !isLeftOut,
  };
}

async function everyoneOfAll(ports: ExplanationPorts): Promise<readonly Principal[]> {
  const accounts = await ports.accounts.list();
  return (await Promise.all(accounts.map((account) => everyone(ports, account)))).flat();
}

/** The root user, every user and every role of an account. */
async function everyone({ users, roles }: ExplanationPorts, account: string): Promise<readonly Principal[]> {
  const [people, parts] = await Promise.all([users.all(account), roles.all(account)]);
  return [
    rootPrincipal(account),
    ...people.map((user) => ({ account, kind: 'user' as const, arn: users.arn(user), id: user.id })),
    ...parts.map((role) => rolePrincipal(roles.arn(role), role.id)),
  ];
}

async function principalAt({ users, roles }: ExplanationPorts, arn: string): Promise<Principal> {
  const { account = '', resource = '', service } = parseArn(arn) ?? {};
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  if (service === 'iam' && resource === 'root') return rootPrincipal(account);
  if (service === 'iam' && resource.startsWith('user/')) {
    const user = await users.get(account, name);
    return { account, kind: 'user', arn: users.arn(user), id: user.id };
  }
  if (service === 'iam' && resource.startsWith('role/')) {
    const role = await roles.get(account, name);
    return rolePrincipal(roles.arn(role), role.id);
  }
  throw errors.principalForm({ arn });
}
