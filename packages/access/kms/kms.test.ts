import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListAliasesCommand,
  ListGrantsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { allow, policy } from '../testing/documents.ts';
import { type AccessWorld, type Keys, openAccessWorld } from '../testing/world.ts';

const DAY = 24 * 60 * 60 * 1000;
const plain = Buffer.from('a data key of a store');

describe('keys through the AWS SDK', () => {
  let world: AccessWorld;
  let root: KMSClient;
  before(async () => {
    world = await openAccessWorld((access) => [access.kms]);
    root = client(world.one);
  });
  after(() => world.close());

  const client = (credentials: Keys) =>
    new KMSClient({
      endpoint: world.url,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
    });
  async function newUser(UserName: string, document?: string): Promise<KMSClient> {
    const admin = world.iam(world.one);
    await admin.send(new CreateUserCommand({ UserName }));
    if (document)
      await admin.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: document }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName }));
    return client({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
  }
  const newKey = async (Policy?: string) =>
    (await root.send(new CreateKeyCommand({ Description: 'stores', ...(Policy ? { Policy } : {}) })))
      .KeyMetadata!;
  const encrypt = async (KeyId: string, EncryptionContext?: Record<string, string>) =>
    (
      await root.send(
        new EncryptCommand({ KeyId, Plaintext: plain, ...(EncryptionContext ? { EncryptionContext } : {}) }),
      )
    ).CiphertextBlob!;
  const decrypt = (kms: KMSClient, CiphertextBlob: Uint8Array, EncryptionContext?: Record<string, string>) =>
    kms.send(new DecryptCommand({ CiphertextBlob, ...(EncryptionContext ? { EncryptionContext } : {}) }));

  test('what is encrypted decrypts with the same context and no other, by alias too', async () => {
    const { KeyId, Arn } = await newKey();
    await root.send(new CreateAliasCommand({ AliasName: 'alias/stores', TargetKeyId: KeyId! }));
    const listed = await root.send(new ListAliasesCommand({}));
    assert.deepEqual(
      listed.Aliases!.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]),
      [['alias/stores', KeyId]],
    );
    const context = { store: '1', account: '2' };
    const sealed = await encrypt('alias/stores', context);
    assert.ok(!Buffer.from(sealed).includes(plain));
    const opened = await decrypt(root, sealed, { account: '2', store: '1' });
    assert.deepEqual(Buffer.from(opened.Plaintext!), plain);
    assert.equal(opened.KeyId, Arn);
    const refused = { name: 'InvalidCiphertextException' };
    await assert.rejects(decrypt(root, sealed), refused);
    await assert.rejects(decrypt(root, sealed, { ...context, store: '2' }), refused);
    const altered = Buffer.from(sealed);
    altered[altered.length - 1]! ^= 1;
    await assert.rejects(decrypt(root, altered, context), refused);
    await assert.rejects(decrypt(root, Buffer.from('not a ciphertext'), context), refused);
    const other = await newKey();
    const wrong = new DecryptCommand({
      CiphertextBlob: sealed,
      KeyId: other.KeyId!,
      EncryptionContext: context,
    });
    await assert.rejects(root.send(wrong), { name: 'IncorrectKeyException' });
  });

  test('a data key comes in plain and sealed, and the sealed one opens to the plain', async () => {
    const { KeyId } = await newKey();
    const made = await root.send(new GenerateDataKeyCommand({ KeyId: KeyId!, KeySpec: 'AES_256' }));
    assert.equal(made.Plaintext!.length, 32);
    assert.deepEqual((await decrypt(root, made.CiphertextBlob!)).Plaintext, made.Plaintext);
  });

  test('rotation changes nothing that was sealed before; re-encryption moves it to another key', async () => {
    const { KeyId } = await newKey();
    const before = await encrypt(KeyId!);
    await root.send(new RotateKeyOnDemandCommand({ KeyId: KeyId! }));
    const later = await encrypt(KeyId!);
    for (const sealed of [before, later])
      assert.deepEqual(Buffer.from((await decrypt(root, sealed)).Plaintext!), plain);
    const other = await newKey();
    const moved = await root.send(
      new ReEncryptCommand({
        CiphertextBlob: before,
        DestinationKeyId: other.KeyId!,
        DestinationEncryptionContext: { a: 'b' },
      }),
    );
    assert.equal((await decrypt(root, moved.CiphertextBlob!, { a: 'b' })).KeyId, other.Arn);
  });

  test('disabled it opens nothing, enabled again it does; deletion waits, can be called off, and is for good', async () => {
    const { KeyId } = await newKey();
    const sealed = await encrypt(KeyId!);
    await root.send(new DisableKeyCommand({ KeyId: KeyId! }));
    await assert.rejects(decrypt(root, sealed), { name: 'DisabledException' });
    await root.send(new EnableKeyCommand({ KeyId: KeyId! }));
    await decrypt(root, sealed);
    await root.send(new ScheduleKeyDeletionCommand({ KeyId: KeyId!, PendingWindowInDays: 7 }));
    await assert.rejects(decrypt(root, sealed), { name: 'KMSInvalidStateException' });
    await assert.rejects(root.send(new EnableKeyCommand({ KeyId: KeyId! })), {
      name: 'KMSInvalidStateException',
    });
    await root.send(new CancelKeyDeletionCommand({ KeyId: KeyId! }));
    await root.send(new EnableKeyCommand({ KeyId: KeyId! }));
    await decrypt(root, sealed);
    await root.send(new ScheduleKeyDeletionCommand({ KeyId: KeyId!, PendingWindowInDays: 7 }));
    world.ahead = 7 * DAY + 1000;
    // A client each: the SDK sets its clock by the Date of an answer, which is the real one.
    const later = () => {
      const ahead = client(world.one);
      ahead.config.systemClockOffset = world.ahead;
      return ahead;
    };
    try {
      await assert.rejects(decrypt(later(), sealed), { name: 'NotFoundException' });
      await assert.rejects(later().send(new DescribeKeyCommand({ KeyId: KeyId! })), {
        name: 'NotFoundException',
      });
    } finally {
      world.ahead = 0;
    }
  });

  test('the default policy leaves it to the account’s own; a policy without the account keeps even its root out', async () => {
    const ann = await newUser('ann', policy(allow('kms:Decrypt')));
    const ben = await newUser('ben');
    const { KeyId } = await newKey();
    const sealed = await encrypt(KeyId!);
    await decrypt(ann, sealed);
    const denied = { name: 'AccessDeniedException' };
    await assert.rejects(decrypt(ben, sealed), {
      ...denied,
      message: /no identity-based policy allows the kms:Decrypt action/,
    });
    const only = policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${world.one.account}:user/ben` },
      Action: 'kms:*',
      Resource: '*',
    });
    await assert.rejects(root.send(new PutKeyPolicyCommand({ KeyId: KeyId!, Policy: only })), {
      name: 'MalformedPolicyDocumentException',
      message: /will not allow you to update/,
    });
    await root.send(
      new PutKeyPolicyCommand({ KeyId: KeyId!, Policy: only, BypassPolicyLockoutSafetyCheck: true }),
    );
    await decrypt(ben, sealed);
    await assert.rejects(decrypt(ann, sealed), { ...denied, message: /no resource-based policy allows/ });
    await assert.rejects(decrypt(root, sealed), denied);
    assert.equal((await ben.send(new GetKeyPolicyCommand({ KeyId: KeyId! }))).Policy, only);
  });

  test('another account needs both the key’s policy and its own', async () => {
    const { KeyId, Arn } = await newKey();
    const sealed = await encrypt(KeyId!);
    const theirs = client(world.other);
    await assert.rejects(decrypt(theirs, sealed), { name: 'AccessDeniedException' });
    const shared = policy(
      { Effect: 'Allow', Principal: { AWS: world.one.account }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: { AWS: world.other.account }, Action: 'kms:Decrypt', Resource: '*' },
    );
    await root.send(new PutKeyPolicyCommand({ KeyId: KeyId!, Policy: shared }));
    await decrypt(theirs, sealed);
    await assert.rejects(theirs.send(new DescribeKeyCommand({ KeyId: Arn! })), {
      name: 'AccessDeniedException',
    });
  });

  test('a grant allows its grantee its operations within its context, until it is revoked or retired', async () => {
    const cat = await newUser('cat');
    const { KeyId } = await newKey();
    const context = { store: '1' };
    const sealed = await encrypt(KeyId!, context);
    const GranteePrincipal = `arn:aws:iam::${world.one.account}:user/cat`;
    const grant = { KeyId: KeyId!, GranteePrincipal, Operations: ['Decrypt' as const] };
    const bounded = await root.send(
      new CreateGrantCommand({ ...grant, Constraints: { EncryptionContextSubset: { store: '2' } } }),
    );
    await assert.rejects(decrypt(cat, sealed, context), { name: 'AccessDeniedException' });
    await root.send(new RevokeGrantCommand({ KeyId: KeyId!, GrantId: bounded.GrantId! }));
    const { GrantId } = await root.send(
      new CreateGrantCommand({
        ...grant,
        RetiringPrincipal: GranteePrincipal,
        Constraints: { EncryptionContextSubset: context },
      }),
    );
    await decrypt(cat, sealed, context);
    await assert.rejects(cat.send(new EncryptCommand({ KeyId: KeyId!, Plaintext: plain })), {
      name: 'AccessDeniedException',
    });
    assert.equal((await root.send(new ListGrantsCommand({ KeyId: KeyId! }))).Grants!.length, 1);
    await cat.send(new RetireGrantCommand({ KeyId: KeyId!, GrantId: GrantId! }));
    await assert.rejects(decrypt(cat, sealed, context), { name: 'AccessDeniedException' });
  });

  test('asymmetric and imported keys are refused, not pretended', async () => {
    await assert.rejects(root.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })), {
      name: 'UnsupportedOperationException',
    });
  });
});
