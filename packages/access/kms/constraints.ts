import type { OperationConstraints } from '@helicase/wire';

/** Bounds of KMS's API model for the operations that this room answers. */
const KeyId = { min: 1, max: 2048 };
const GrantId = { min: 1, max: 128 };
const AliasName = { min: 1, max: 256, pattern: '[a-zA-Z0-9:/_-]+' };

export const kmsConstraints: Readonly<Record<string, OperationConstraints>> = {
  CreateKey: { Description: { max: 8192 }, Policy: { min: 1, max: 131_072 } },
  DescribeKey: { KeyId },
  PutKeyPolicy: { KeyId, Policy: { min: 1, max: 131_072 } },
  ScheduleKeyDeletion: { KeyId, PendingWindowInDays: { min: 7, max: 30 } },
  EnableKeyRotation: { KeyId, RotationPeriodInDays: { min: 90, max: 2560 } },
  CreateAlias: { AliasName, TargetKeyId: KeyId },
  UpdateAlias: { AliasName, TargetKeyId: KeyId },
  DeleteAlias: { AliasName },
  CreateGrant: { KeyId, GranteePrincipal: { min: 1, max: 256 }, Name: { min: 1, max: 256 } },
  RevokeGrant: { KeyId, GrantId },
  Encrypt: { KeyId, Plaintext: { min: 1, max: 4096 } },
  Decrypt: { CiphertextBlob: { min: 1, max: 6144 } },
  ReEncrypt: { CiphertextBlob: { min: 1, max: 6144 }, DestinationKeyId: KeyId },
  GenerateDataKey: { KeyId, NumberOfBytes: { min: 1, max: 1024 } },
  GenerateDataKeyWithoutPlaintext: { KeyId, NumberOfBytes: { min: 1, max: 1024 } },
  GenerateRandom: { NumberOfBytes: { min: 1, max: 1024 } },
};
