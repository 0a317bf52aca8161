import { parseArn } from '@helicase/kernel';
import type { Identity } from '../signature/guard.ts';

/** Nobody yet, in the account of the role that is asked for: that account's audit has the call. */
export function anonymousIdentity(input: Readonly<Record<string, unknown>>, region: string): Identity {
  const account = parseArn(String(input['RoleArn'] ?? ''))?.account ?? '';
  return {
    claim: {
      ...{ version: 4, place: 'header', accessKeyId: '', date: '', region, service: '' },
      ...{ signedHeaders: [], signature: '', time: 0, expires: undefined, sessionToken: undefined },
    },
    principal: { account, kind: 'federated', arn: 'anonymous', id: 'anonymous' },
    scope: { account, region },
    secret: '',
    key: undefined,
    refusal: undefined,
  };
}
