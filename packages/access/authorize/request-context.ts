import type { AuthorizationQuestion } from '@helicase/wire';
import type { Identity } from './identities.ts';

type Keys = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The global condition keys of a request, and its service's own:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function requestKeys(question: AuthorizationQuestion, identity: Identity, now: number): Keys {
  return {
    ...question.conditions,
    ...principalKeys(question, identity),
    ...networkKeys(question),
    ...viaKeys(question),
    'aws:RequestedRegion': question.scope.region,
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
  };
}

const TYPES = { root: 'Account', user: 'User', role: 'AssumedRole', federated: 'FederatedUser' } as const;

function principalKeys({ principal }: AuthorizationQuestion, { tags }: Identity): Keys {
  const { account, arn, id, kind, session } = principal;
  return {
    'aws:PrincipalAccount': account,
    // Of a role's session the key has the role's ARN, as policies of resources name roles.
    'aws:PrincipalArn': kind === 'role' ? (session?.issuer.arn ?? arn) : arn,
    'aws:PrincipalType': TYPES[kind],
    'aws:PrincipalIsAWSService': 'false',
    'aws:userid': id,
    'aws:username': kind === 'user' ? arn.slice(arn.lastIndexOf('/') + 1) : undefined,
    ...principalTags(tags, session?.tags ?? {}),
    ...sessionKeys(principal),
  };
}

/** "If you pass a session tag with the same key as a tag of the role, it overrides": the case of keys does not count. */
function principalTags(
  own: Readonly<Record<string, string>>,
  session: Readonly<Record<string, string>>,
): Keys {
  const overridden = new Set(Object.keys(session).map((key) => key.toLowerCase()));
  const kept = Object.entries(own).filter(([key]) => !overridden.has(key.toLowerCase()));
  const all = [...kept, ...Object.entries(session)];
  return Object.fromEntries(all.map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));
}

function sessionKeys({ kind, session }: AuthorizationQuestion['principal']): Keys {
  if (!session) return {};
  const { issuedAt, mfaAt, sourceIdentity, federatedProvider } = session;
  return {
    'aws:TokenIssueTime': new Date(issuedAt).toISOString(),
    // Long-term keys do not have it at all; sessions that were made without a device say "false".
    'aws:MultiFactorAuthPresent': kind === 'federated' ? undefined : String(mfaAt !== undefined),
    'aws:MultiFactorAuthAge': mfaAt === undefined ? undefined : String(Math.floor((issuedAt - mfaAt) / 1000)),
    'aws:SourceIdentity': sourceIdentity,
    'aws:FederatedProvider': federatedProvider,
  };
}

/** A job's requests stay within the server: they have no address, and nobody can listen. */
function networkKeys({ origin, action }: AuthorizationQuestion): Keys {
  if (!origin) return { 'aws:SecureTransport': 'true' };
  const signature = action.startsWith('s3:')
    ? {
        's3:authType': origin.signedBy === 'query' ? 'REST-QUERY-STRING' : 'REST-HEADER',
        's3:signatureAge': origin.signatureAge === undefined ? undefined : String(origin.signatureAge),
      }
    : {};
  return {
    ...signature,
    // "aws:SourceIp isn't available when the request uses a VPC endpoint; aws:VpcSourceIp is."
    [origin.endpoint ? 'aws:VpcSourceIp' : 'aws:SourceIp']: origin.address || undefined,
    'aws:SecureTransport': String(origin.secure),
    'aws:UserAgent': origin.userAgent,
    'aws:Referer': origin.referer,
    'aws:SourceVpce': origin.endpoint?.id,
  };
}

function viaKeys({ via, action, scope }: AuthorizationQuestion): Keys {
  if (via === undefined) return { 'aws:ViaAWSService': 'false' };
  return {
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': [via],
    'aws:CalledViaFirst': via,
    'aws:CalledViaLast': via,
    'kms:ViaService': action.startsWith('kms:') ? via.replace('.', `.${scope.region}.`) : undefined,
  };
}
