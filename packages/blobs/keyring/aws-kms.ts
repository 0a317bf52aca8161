import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { RootKeyUnusable } from '../errors.ts';
import type { RootKeyWrapper } from './root-key-wrapper.ts';

const EncryptionContext = { purpose: 'helicase root key' };

/** AWS KMS, or another Helicase's: endpoint and credentials as the SDK finds them (AWS_ENDPOINT_URL_KMS, AWS_PROFILE, ...). */
export function kmsWrapper(keyArn: string): RootKeyWrapper {
  const region = /^arn:aws[\w-]*:kms:([^:]+):\d{12}:key\/./.exec(keyArn)?.[1];
  if (region === undefined)
    throw new RootKeyUnusable(`HELICASE_ROOT_KEY_KMS is "${keyArn}", and must be the ARN of a KMS key.`);
  const client = new KMSClient({ region, maxAttempts: 3 });
  const KeyId = keyArn;
  return {
    name: `the KMS key ${keyArn}`,
    async wrap(Plaintext) {
      const { CiphertextBlob } = await client.send(
        new EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
      );
      return Buffer.from(CiphertextBlob!).toString('base64');
    },
    async unwrap(wrapped) {
      const CiphertextBlob = Buffer.from(wrapped, 'base64');
      const { Plaintext } = await client.send(
        new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext }),
      );
      return Plaintext!;
    },
  };
}
