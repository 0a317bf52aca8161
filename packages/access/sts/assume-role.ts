import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { parseArn, type Principal, type Session } from '@helicase/kernel';
import type { Authorizer, OperationContext, ResourceGuard } from '@helicase/wire';
import type { Row } from '../entity/entities.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import type { RoleDoc } from '../role/model.ts';
import { sessionPolicies } from './session-request.ts';
import type { SessionTokens } from './session-tokens.ts';

export interface AssumePorts extends IamPorts {
  readonly authorizer: Authorizer;
  readonly tokens: SessionTokens;
}

/** A session made from a session lasts an hour at most. */
const CHAINED_LIMIT = 3600;
const DEFAULT_SECONDS = 3600;

/** The role that an ARN names, in whichever account. */
export async function roleAt(
  { roles }: Pick<IamPorts, 'roles'>,
  arn: string,
): Promise<Row<RoleDoc> | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam' || !parsed.resource.startsWith('role/')) return undefined;
  const found = await roles.find(parsed.account, arn.slice(arn.lastIndexOf('/') + 1));
  return found && roles.arn(found) === arn ? found : undefined;
}

/** Who may assume a role its trust policy says; one that does not exist lets nobody. */
export async function trustOf(ports: Pick<IamPorts, 'roles'>, arn: string): Promise<ResourceGuard> {
  const role = await roleAt(ports, arn);
  const resourcePolicies = role ? [role.doc.trustPolicy] : [];
  return { resourcePolicies, needsResourcePolicy: true, owner: parseArn(arn)?.account ?? '' };
}

export async function assumeRole(
  ports: AssumePorts,
  input: AssumeRoleRequest,
  context: OperationContext,
): Promise<object> {
  const { principal } = context;
  if (principal.kind === 'root') throw errors.rootAssumes({});
  const role = (await roleAt(ports, input.RoleArn!))!; // its trust policy let the caller in
  await allowedToo(ports, input, context);
  const now = ports.clock.now();
  const seconds = duration(
    input.DurationSeconds,
    role,
    principal.session !== undefined && principal.kind === 'role',
  );
  const mfaAt = await shownDevice(ports, input, context);
  const policies = await sessionPolicies(ports, role.scope.account, input.Policy, input.PolicyArns);
  const inherited = principal.session?.sourceIdentity;
  const sourceIdentity = input.SourceIdentity ?? inherited;
  if (inherited !== undefined && inherited !== sourceIdentity) throw errors.sourceIdentityKept({});
  const session: Session = {
    ...{ issuer: { arn: ports.roles.arn(role), id: role.id }, name: input.RoleSessionName! },
    ...{ issuedAt: now, expiresAt: now + seconds * 1000, ...sessionTags(input, principal) },
    ...(policies ? { policies } : {}),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(mfaAt === undefined ? {} : { mfaAt }),
  };
  return answerWith(ports, role, session);
}

/** The credentials of a role's session, as every AssumeRole… answers them. */
export async function answerWith(
  { tokens }: Pick<AssumePorts, 'tokens'>,
  role: Row<RoleDoc>,
  session: Session,
): Promise<object> {
  const { account } = role.scope;
  const arn = `arn:aws:sts::${account}:assumed-role/${role.doc.name}/${session.name}`;
  const assumed: Principal = { account, kind: 'role', arn, id: `${role.id}:${session.name}`, session };
  return {
    Credentials: await tokens.issue(assumed),
    AssumedRoleUser: { AssumedRoleId: assumed.id, Arn: arn },
    PackedPolicySize: 0,
    ...(session.sourceIdentity === undefined ? {} : { SourceIdentity: session.sourceIdentity }),
  };
}

export function duration(asked: number | undefined, { doc }: Row<RoleDoc>, isChained: boolean): number {
  const limit = isChained ? Math.min(CHAINED_LIMIT, doc.maxSessionDuration) : doc.maxSessionDuration;
  if (asked !== undefined && asked > limit) throw errors.durationTooLong({ limit });
  return asked ?? Math.min(DEFAULT_SECONDS, limit);
}

/** Tags and a source identity are actions of their own, on the same role. */
async function allowedToo(
  ports: AssumePorts,
  input: AssumeRoleRequest,
  context: OperationContext,
): Promise<void> {
  const actions = [
    ...(input.Tags?.length ? ['sts:TagSession'] : []),
    ...(input.SourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
  const tags = (input.Tags ?? []).map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value!] as const);
  const { principal, scope, origin } = context;
  for (const action of actions) {
    const verdict = await ports.authorizer.authorize({
      ...{ principal, scope, action, resources: [input.RoleArn!] },
      ...(await trustOf(ports, input.RoleArn!)),
      conditions: {
        ...Object.fromEntries(tags),
        'aws:TagKeys': tags.length > 0 ? input.Tags!.map(({ Key }) => Key!) : undefined,
        'sts:TransitiveTagKeys': input.TransitiveTagKeys?.length ? input.TransitiveTagKeys : undefined,
        'sts:SourceIdentity': input.SourceIdentity,
        'sts:ExternalId': input.ExternalId,
        'sts:RoleSessionName': input.RoleSessionName,
      },
      ...(origin ? { origin } : {}),
    });
    if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
  }
}

async function shownDevice(
  { mfaDevices, clock }: AssumePorts,
  { SerialNumber, TokenCode }: AssumeRoleRequest,
  { principal }: OperationContext,
): Promise<number | undefined> {
  if (SerialNumber === undefined) return principal.session?.mfaAt;
  const isShown = await mfaDevices.accepts(principal.account, principal.id, SerialNumber, TokenCode ?? '');
  if (!isShown) throw errors.mfaFailed({});
  return clock.now();
}

/** Transitive tags of the caller's session come along and cannot be given another value. */
function sessionTags(
  { Tags, TransitiveTagKeys }: AssumeRoleRequest,
  { session }: Principal,
): Pick<Session, 'tags' | 'transitiveTags'> {
  const transitive = session?.transitiveTags ?? [];
  const inherited = Object.entries(session?.tags ?? {}).filter(([key]) => transitive.includes(key));
  const given = (Tags ?? []).map(({ Key, Value }) => [Key!, Value!] as const);
  const taken = given.find(([key]) => transitive.some((kept) => kept.toLowerCase() === key.toLowerCase()));
  if (taken) throw errors.transitiveTag({ key: taken[0] });
  const tags = Object.fromEntries([...inherited, ...given]);
  if (Object.keys(tags).length === 0) return {};
  return { tags, transitiveTags: [...transitive, ...(TransitiveTagKeys ?? [])] };
}
