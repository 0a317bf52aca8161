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
  /** ARN of a root, user or role; everyone of the resource's account where none is given. */
  readonly principal?: string;
  /** `omics:GetReadSet` */
  readonly action: string;
  readonly resource: string;
  readonly region: string;
  readonly conditions?: ConditionKeys;
}

export interface AccessAnswer {
  readonly principal: string;
  readonly allowed: boolean;
  /** The policy and statement that decided, or which kind of policy lacks one. */
  readonly reason: string;
}

/** What a resource says of itself: its owner, its own policies, how policies name it. Undefined where it says nothing. */
export type GuardOf = (
  asker: Actor,
  action: string,
  resource: string,
) => Promise<Partial<AuthorizationQuestion> | undefined>;

export interface ExplanationPorts {
  readonly authorizer: ExplainingAuthorizer;
  readonly accounts: Pick<Accounts, 'list'>;
  readonly users: Entities<UserDoc>;
  readonly roles: Entities<RoleDoc>;
  readonly guardOf: GuardOf;
}

/** Asks the evaluator that requests are put to, and tells which statement decided. For operators: it names policies. */
export async function explainAccess(
  ports: ExplanationPorts,
  question: AccessQuestion,
): Promise<readonly AccessAnswer[]> {
  const { principal, resource } = question;
  const account = parseArn(resource)?.account;
  const accounts = account ? [account] : await ports.accounts.list();
  const askers =
    principal === undefined
      ? (await Promise.all(accounts.map((each) => everyone(ports, each)))).flat()
      : [await principalAt(ports, principal)];
  const answers: AccessAnswer[] = [];
  for (const asker of askers) answers.push(await answerFor(ports, question, asker));
  return answers;
}

async function answerFor(
  { authorizer, guardOf }: ExplanationPorts,
  { action, conditions, region, resource }: AccessQuestion,
  principal: Principal,
): Promise<AccessAnswer> {
  const scope = { account: principal.account, region };
  const guard = await guardOf({ scope, principal }, action, resource);
  const asked: AuthorizationQuestion = {
    ...{ principal, scope, action, resources: [resource], ...guard },
    conditions: { ...conditions, ...guard?.conditions },
  };
  const [{ decision }] = (await authorizer.explain(asked)) as [Explained];
  return { principal: principal.arn, allowed: decision.allowed, reason: decisionSentence(decision) };
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
