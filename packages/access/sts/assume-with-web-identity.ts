import type { AssumeRoleWithWebIdentityRequest } from '@aws-sdk/client-sts';
import type { OperationContext } from '@helicase/wire';
import { type Identities } from '../authorize/identities.ts';
import { errors } from '../errors.ts';
import { providerArn } from '../oidc/oidc-providers.ts';
import { type WebIdentities, type WebIdentity, WebIdentityRefused } from '../oidc/web-identity.ts';
import { contextOf, decide } from '../policy/index.ts';
import { answerWith, type AssumePorts, duration, roleAt } from './assume-role.ts';
import { sessionPolicies } from './session-request.ts';

export interface WebIdentityPorts extends AssumePorts {
  readonly webIdentities: WebIdentities;
  readonly identities: Identities;
}

const ACTION = 'sts:AssumeRoleWithWebIdentity';

/** Credentials of a role for whoever shows a token of an issuer that the role's account trusts. */
export async function assumeRoleWithWebIdentity(
  ports: WebIdentityPorts,
  input: AssumeRoleWithWebIdentityRequest,
  _context: OperationContext,
): Promise<object> {
  const role = await roleAt(ports, input.RoleArn!);
  const name = ports.webIdentities.issuerOf(input.WebIdentityToken!);
  const account = role?.scope.account ?? '';
  const provider = name === undefined ? undefined : await ports.oidcProviders.find(account, name);
  // One sentence for all of them: whoever has no account here learns nothing of what there is.
  if (!role || !provider || name === undefined) throw errors.webIdentityDenied({});
  const identity = await proven(ports.webIdentities, input.WebIdentityToken!, provider.doc.url);
  const audience = identity.audiences.find((one) => provider.doc.clientIds.includes(one));
  if (audience === undefined)
    throw errors.webIdentityInvalid({ fault: 'its audience is no client of the provider' });

  const decision = decide(
    {
      requester: { account, kind: 'web-identity', arn: providerArn(provider) },
      ...{
        action: ACTION.toLowerCase(),
        resource: input.RoleArn!,
        owner: account,
        needsResourcePolicy: true,
      },
      context: contextOf({
        ...{ [`${name}:aud`]: audience, [`${name}:sub`]: identity.subject },
        ...claimKeys(name, identity),
        'sts:RoleSessionName': input.RoleSessionName,
        'aws:FederatedProvider': providerArn(provider),
      }),
    },
    { identity: [], resource: [ports.identities.compiled('trust policy', role.doc.trustPolicy, 'attached')] },
  );
  if (!decision.allowed) throw errors.webIdentityDenied({});

  const now = ports.clock.now();
  const seconds = duration(input.DurationSeconds, role, false);
  const policies = await sessionPolicies(ports, account, input.Policy, input.PolicyArns);
  const answer = await answerWith(ports, role, {
    ...{ issuer: { arn: ports.roles.arn(role), id: role.id }, name: input.RoleSessionName! },
    ...{ issuedAt: now, expiresAt: now + seconds * 1000, federatedProvider: providerArn(provider) },
    ...(policies ? { policies } : {}),
  });
  return {
    ...answer,
    SubjectFromWebIdentityToken: identity.subject,
    Audience: audience,
    Provider: providerArn(provider),
  };
}

/** Further texts in the token are keys too: `<issuer>:email`. */
function claimKeys(name: string, { claims }: WebIdentity): Readonly<Record<string, string>> {
  const texts = Object.entries(claims).filter(
    ([key, value]) => typeof value === 'string' && !['aud', 'sub', 'iss'].includes(key),
  );
  return Object.fromEntries(texts.map(([key, value]) => [`${name}:${key}`, value as string]));
}

async function proven(identities: WebIdentities, token: string, url: string): Promise<WebIdentity> {
  try {
    return await identities.verify(token, url);
  } catch (error) {
    if (!(error instanceof WebIdentityRefused)) throw error;
    if (error.isExpired) throw errors.webIdentityExpired({});
    throw errors.webIdentityInvalid({ fault: error.message });
  }
}
