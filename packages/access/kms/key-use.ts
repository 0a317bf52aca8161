import { type Ids, type Principal, rootPrincipal } from '@helicase/kernel';
import type { CallOutcome, ObservedCall } from '@helicase/wire';
import { arnOf, type Key } from './customer-keys.ts';

/** Keeps the record of a service's use of a customer's key: the guide, "Monitoring your encryption keys". */
export type RecordKeyUse = (call: ObservedCall, outcome: CallOutcome) => Promise<void>;

export type KeyOperation = 'CreateGrant' | 'Decrypt' | 'DescribeKey' | 'GenerateDataKey';

export interface KeyUse {
  readonly key: Key;
  readonly operation: KeyOperation;
  /** `omics.amazonaws.com`. */
  readonly service: string;
  /** In whose name; absent where the service asks of itself, as the key's policy or a grant lets it. */
  readonly by?: Principal;
  /** Beside the key. */
  readonly parameters?: object;
}

/** The use as the call to KMS that it is with AWS. */
export function keyUseCall(ids: Ids, { by, key, operation, parameters, service }: KeyUse): ObservedCall {
  const { scope } = key;
  const keyId = arnOf(key);
  return {
    service: 'kms',
    operation: {
      ...{ name: operation, action: `kms:${operation}`, quota: 'kms' },
      readOnly: operation !== 'CreateGrant',
    },
    resources: [keyId],
    input: { ...PARAMETERS[operation], ...parameters, keyId },
    context: {
      ...{ scope, principal: by ?? rootPrincipal(scope.account) },
      ...{ requestId: ids.uuid(), signal: new AbortController().signal },
    },
    origin: { address: service, userAgent: service, secure: true },
    accessKeyId: '',
    invokedBy: service,
    ...(by ? {} : { ofItself: true }),
  };
}

const PARAMETERS: Readonly<Record<KeyOperation, object>> = {
  CreateGrant: {},
  Decrypt: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
  DescribeKey: {},
  GenerateDataKey: { keySpec: 'AES_256' },
};
