import type { Principal, Session } from '@helicase/kernel';
import type { ObservedCall } from '@helicase/wire';

/** CloudTrail's userIdentity element. */
export interface UserIdentity {
  readonly type: 'Root' | 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'AWSService';
  readonly principalId?: string;
  readonly arn?: string;
  readonly accountId?: string;
  readonly accessKeyId?: string;
  readonly userName?: string;
  /** Where temporary credentials were used, or a role. */
  readonly sessionContext?: SessionContext;
  /** The service that asked. */
  readonly invokedBy?: string;
}

interface SessionContext {
  /** Of a role or of who federated; empty where the user or the root got a session of itself. */
  readonly sessionIssuer:
    | Record<string, never>
    | {
        readonly type: 'Role' | 'IAMUser' | 'Root';
        readonly principalId: string;
        readonly arn: string;
        readonly accountId: string;
        readonly userName?: string;
      };
  readonly webIdFederationData: { readonly federatedProvider?: string; readonly attributes?: object };
  readonly attributes?: { readonly creationDate: string; readonly mfaAuthenticated: 'true' | 'false' };
  readonly sourceIdentity?: string;
}

const TYPES = { root: 'Root', user: 'IAMUser', role: 'AssumedRole', federated: 'FederatedUser' } as const;

type Caller = Pick<ObservedCall, 'accessKeyId' | 'invokedBy' | 'ofItself'> & {
  readonly context: Pick<ObservedCall['context'], 'principal'>;
};

export function userIdentity({
  accessKeyId,
  context: { principal },
  invokedBy,
  ofItself,
}: Caller): UserIdentity {
  const by = invokedBy === undefined ? {} : { invokedBy };
  if (ofItself) return { type: 'AWSService', ...by };
  const { account, arn, id, kind } = principal;
  const sessionContext = sessionContextOf(principal);
  return {
    ...{ type: TYPES[kind], principalId: id, arn, accountId: account },
    // A service, or an operator on the machine, has none.
    ...(accessKeyId === '' ? {} : { accessKeyId }),
    ...(kind === 'user' ? { userName: nameOf(arn) } : {}),
    ...(sessionContext ? { sessionContext } : {}),
    ...by,
  };
}

function sessionContextOf(principal: Principal): SessionContext | undefined {
  const { kind, session } = principal;
  if (!session && kind !== 'role') return undefined;
  return {
    sessionIssuer: sessionIssuer(principal),
    webIdFederationData: session?.federatedProvider
      ? { federatedProvider: session.federatedProvider, attributes: {} }
      : {},
    ...(session ? { attributes: sessionAttributes(session) } : {}),
    ...(session?.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
  };
}

function sessionIssuer({ account, arn, id, kind, session }: Principal): SessionContext['sessionIssuer'] {
  if (kind === 'role') {
    const issuer = roleArn(arn);
    const made = { principalId: id.split(':')[0]!, arn: issuer, accountId: account };
    return { type: 'Role', ...made, userName: nameOf(issuer) };
  }
  if (kind !== 'federated' || !session) return {};
  const { arn: issuer, id: principalId } = session.issuer;
  const made = { principalId, arn: issuer, accountId: account };
  return issuer.endsWith(':root')
    ? { type: 'Root', ...made }
    : { type: 'IAMUser', ...made, userName: nameOf(issuer) };
}

function sessionAttributes({ issuedAt, mfaAt }: Session): NonNullable<SessionContext['attributes']> {
  const creationDate = `${new Date(issuedAt).toISOString().slice(0, 19)}Z`;
  return { creationDate, mfaAuthenticated: mfaAt === undefined ? 'false' : 'true' };
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** `arn:aws:sts::1:assumed-role/admin/session` is a session of `arn:aws:iam::1:role/admin`. */
function roleArn(arn: string): string {
  const match = /^arn:([^:]+):sts::([0-9]+):assumed-role\/(.+)\/[^/]+$/.exec(arn);
  return match ? `arn:${match[1]}:iam::${match[2]}:role/${match[3]}` : arn;
}
