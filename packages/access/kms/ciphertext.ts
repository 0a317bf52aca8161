import type {
  DecryptRequest,
  EncryptRequest,
  GenerateDataKeyRequest,
  GenerateRandomRequest,
  ReEncryptRequest,
} from '@aws-sdk/client-kms';
import { parseArn } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { arnOf, type Key } from './customer-keys.ts';
import { kmsErrors as errors } from './errors.ts';
import { contextConditions } from './guard.ts';
import { allowed, type KmsPorts, onKey } from './on-key.ts';

/** What keys are for: encrypt, decrypt, and data keys. */
export function ciphertextOperations(ports: KmsPorts): readonly AnyOperation[] {
  const { keys, random } = ports;
  const namedBy = (input: DecryptRequest) => input.KeyId ?? headerArn(input.CiphertextBlob!);
  const dataKey = async ({ NumberOfBytes, KeySpec, EncryptionContext }: GenerateDataKeyRequest, key: Key) => {
    const plain = random.bytes(NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32));
    return { plain, CiphertextBlob: await keys.encrypt(key, plain, EncryptionContext), KeyId: arnOf(key) };
  };
  return [
    onKey<EncryptRequest>(ports, 'Encrypt', async (input, key) => ({
      CiphertextBlob: await keys.encrypt(key, input.Plaintext!, input.EncryptionContext),
      KeyId: arnOf(key),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })),
    onKey<DecryptRequest>(
      ports,
      'Decrypt',
      async (input, key) => ({
        Plaintext: await keys.decrypt(key, input.CiphertextBlob!, input.EncryptionContext),
        KeyId: arnOf(key),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      }),
      namedBy,
    ),
    onKey<GenerateDataKeyRequest>(ports, 'GenerateDataKey', async (input, key) => {
      const { plain, ...answer } = await dataKey(input, key);
      return { ...answer, Plaintext: plain };
    }),
    onKey<GenerateDataKeyRequest>(ports, 'GenerateDataKeyWithoutPlaintext', async (input, key) => {
      const { plain: _plain, ...answer } = await dataKey(input, key);
      return answer;
    }),
    reEncrypt(ports),
    defineOperation<GenerateRandomRequest, object>({
      ...{
        name: 'GenerateRandom',
        action: 'kms:GenerateRandom',
        resources: () => ['*'],
        readOnly: true,
        quota: 'kms',
      },
      handler: async ({ NumberOfBytes = 32 }) => ({ Plaintext: random.bytes(NumberOfBytes) }),
    }),
  ];
}

/** Two actions: kms:ReEncryptFrom on the key that it is under, kms:ReEncryptTo on the other. */
function reEncrypt(ports: KmsPorts): AnyOperation {
  const { keys } = ports;
  return defineOperation<ReEncryptRequest, object>({
    ...{
      name: 'ReEncrypt',
      action: 'kms:ReEncrypt',
      resources: () => ['*'],
      readOnly: false,
      quota: 'kms',
      open: true,
    },
    async handler(input, context) {
      const { SourceEncryptionContext: before, DestinationEncryptionContext: after } = input;
      const source = await keys.find(context.scope, input.SourceKeyId ?? headerArn(input.CiphertextBlob!));
      const destination = await keys.find(context.scope, input.DestinationKeyId!);
      await allowed(ports, context, 'kms:ReEncryptFrom', source, contextConditions(before));
      await allowed(ports, context, 'kms:ReEncryptTo', destination, contextConditions(after));
      const plain = await keys.decrypt(source, input.CiphertextBlob!, before);
      return {
        CiphertextBlob: await keys.encrypt(destination, plain, after),
        SourceKeyId: arnOf(source),
        KeyId: arnOf(destination),
        SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    },
  });
}

function headerArn(ciphertext: Uint8Array): string {
  const text = Buffer.from(ciphertext).subarray(7, 300).toString('latin1');
  const arn = /"k":"(arn:aws:kms:[^"]+)"/.exec(text)?.[1];
  if (arn === undefined || !parseArn(arn)) throw errors.ciphertext({});
  return arn;
}
