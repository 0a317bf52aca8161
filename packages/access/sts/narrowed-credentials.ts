import type { Clock, Principal, Session, TemporaryCredentials } from '@helicase/kernel';
import type { SessionTokens } from './session-tokens.ts';

/** A session made from a session lasts an hour at most. */
const HOUR = 3600 * 1000;

/**
 * Credentials of the same principal, for what a policy allows of what it may: a session policy takes away and gives
 * nothing. Undefined where the principal has session policies already, which a further one would widen: they count together.
 */
export async function narrowedCredentials(
  { clock, tokens }: { readonly clock: Clock; readonly tokens: SessionTokens },
  principal: Principal,
  policy: string,
): Promise<TemporaryCredentials | undefined> {
  const { arn, id, session } = principal;
  if (session?.policies || principal.kind === 'federated') return undefined;
  const now = clock.now();
  const made: Session = session ?? { issuer: { arn, id }, name: '', issuedAt: now, expiresAt: now + HOUR };
  const expiresAt = Math.min(made.expiresAt, now + HOUR);
  const issued = await tokens.issue({ ...principal, session: { ...made, expiresAt, policies: [policy] } });
  return {
    accessKeyId: issued.AccessKeyId,
    secretAccessKey: issued.SecretAccessKey,
    sessionToken: issued.SessionToken,
    expiresAt,
  };
}
