import type { Principal } from '@helicase/kernel';
import type { Requester } from '../policy/index.ts';

/** The principal as policies name it. Jobs act by a session that HealthOmics opened. */
export function requesterOf({ account, kind, arn, session }: Principal): Requester {
  if (kind === 'role' && !session) return { account, kind, arn: jobSession(arn), issuer: arn };
  if (kind === 'root' || kind === 'user' || !session) return { account, kind, arn };
  return { account, kind, arn, issuer: session.issuer.arn };
}

/** `arn:aws:sts::<account>:assumed-role/<role>/HealthOmics`: the role's path is not in it. */
function jobSession(roleArn: string): string {
  const [, , , , account] = roleArn.split(':');
  return `arn:aws:sts::${account}:assumed-role/${roleArn.slice(roleArn.lastIndexOf('/') + 1)}/HealthOmics`;
}
