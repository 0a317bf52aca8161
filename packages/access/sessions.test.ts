import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  DeleteRolePolicyCommand,
  DeleteRoleCommand,
  EnableMFADeviceCommand,
  GetUserCommand,
  type IAMClient,
  ListGroupsCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { codeOf, stepAt } from './mfa/totp.ts';
import { allow, policy, trust } from './testing/documents.ts';
import { type AccessWorld, type Keys, openAccessWorld } from './testing/world.ts';

const ROLE = 'arn:aws:iam::111122223333:role/lab';

function keysOf({ AccessKeyId, SecretAccessKey, SessionToken }: Credentials): Keys {
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken };
}

describe('temporary credentials through the AWS SDK', () => {
  let world: AccessWorld;
  let admin: IAMClient;
  let user: Keys;
  before(async () => {
    world = await openAccessWorld();
    admin = world.iam(world.one);
    user = await newUser('ann');
    const trusted = trust({ AWS: 'arn:aws:iam::111122223333:user/ann' });
    await admin.send(new CreateRoleCommand({ RoleName: 'lab', AssumeRolePolicyDocument: trusted }));
    const lists = policy(allow(['iam:ListUsers', 'iam:ListGroups']));
    await admin.send(
      new PutRolePolicyCommand({ RoleName: 'lab', PolicyName: 'lists', PolicyDocument: lists }),
    );
  });
  after(() => world.close());

  async function newUser(UserName: string): Promise<Keys> {
    await admin.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await admin.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }
  async function assume(keys: Keys, input: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> {
    const request = { RoleArn: ROLE, RoleSessionName: 'today', ...input };
    const { Credentials } = await world.sts(keys).send(new AssumeRoleCommand(request));
    return keysOf(Credentials!);
  }
  async function newRole(RoleName: string, AssumeRolePolicyDocument: string): Promise<string> {
    const { Role } = await admin.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    return Role!.Arn!;
  }
  /** A trust policy that lets it be assumed with more than a name. */
  const trusting = (AWS: string, more: string) =>
    policy({ Effect: 'Allow', Principal: { AWS }, Action: ['sts:AssumeRole', more] });
  const listUsers = (keys: Keys) => world.iam(keys).send(new ListUsersCommand({}));
  const refused = (attempt: Promise<unknown>, name: string, message = /./) =>
    assert.rejects(attempt, { name, message });

  test('a role’s session may what the role may, and is named as AWS names it', async () => {
    const session = await assume(user);
    const { Arn, UserId, Account } = await world.sts(session).send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, 'arn:aws:sts::111122223333:assumed-role/lab/today');
    assert.match(UserId!, /^AROA[A-Z2-7]{17}:today$/);
    assert.equal(Account, '111122223333');
    await listUsers(session);
    await refused(
      world.iam(session).send(new GetUserCommand({ UserName: 'ann' })),
      'AccessDenied',
      /^User: arn:aws:sts::111122223333:assumed-role\/lab\/today is not authorized to perform: iam:GetUser/,
    );
  });

  test('whom the trust policy does not name may not, and learns not whether there is such a role', async () => {
    const ben = await newUser('ben');
    await admin.send(
      new PutUserPolicyCommand({ UserName: 'ben', PolicyName: 'p', PolicyDocument: policy(allow('sts:*')) }),
    );
    await refused(assume(ben), 'AccessDenied', /no resource-based policy allows the sts:AssumeRole action$/);
    const absent = { RoleArn: 'arn:aws:iam::111122223333:role/absent' };
    await refused(
      assume(ben, absent),
      'AccessDenied',
      /no resource-based policy allows the sts:AssumeRole action$/,
    );
    await refused(assume(world.one), 'AccessDenied', /no resource-based policy/);
  });

  test('between accounts the trust policy and the caller’s own policy must both allow, with the external id', async () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'shared-secret' } };
    const RoleArn = await newRole('visitors', trust({ AWS: world.other.account }, { Condition }));
    const theirs = world.iam(world.other);
    await theirs.send(new CreateUserCommand({ UserName: 'guest' }));
    const { AccessKey } = await theirs.send(new CreateAccessKeyCommand({ UserName: 'guest' }));
    const guest = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const ExternalId = 'shared-secret';
    await refused(assume(guest, { RoleArn, ExternalId }), 'AccessDenied', /no identity-based policy/);
    const PolicyDocument = policy(allow('sts:AssumeRole', { Resource: RoleArn }));
    await theirs.send(new PutUserPolicyCommand({ UserName: 'guest', PolicyName: 'p', PolicyDocument }));
    await refused(assume(guest, { RoleArn }), 'AccessDenied', /no resource-based policy/);
    await refused(
      assume(guest, { RoleArn, ExternalId: 'wrong' }),
      'AccessDenied',
      /no resource-based policy/,
    );
    await assume(guest, { RoleArn, ExternalId });
  });

  test('a session policy takes away, and never gives', async () => {
    const session = await assume(user, { Policy: policy(allow(['iam:ListGroups', 'iam:CreateUser'])) });
    await world.iam(session).send(new ListGroupsCommand({}));
    await refused(listUsers(session), 'AccessDenied', /no session policy allows/);
    await refused(
      world.iam(session).send(new CreateUserCommand({ UserName: 'x' })),
      'AccessDenied',
      /no identity-based policy allows/,
    );
  });

  test('credentials narrowed to a policy may no more than it, and no longer than what they were made from', async () => {
    const lists = policy(allow(['iam:ListGroups', 'iam:CreateUser']));
    const narrow = async (keys: Keys) => {
      const { principal } = (await world.access.credentials.find(keys.accessKeyId, keys.sessionToken))!;
      return world.access.narrowCredentials(principal, lists);
    };
    const session = await assume(user, { DurationSeconds: 900 });
    const narrowed = (await narrow(session))!;
    assert.ok(narrowed.expiresAt <= Date.now() + 900_000);
    await world.iam(narrowed).send(new ListGroupsCommand({}));
    await refused(listUsers(narrowed), 'AccessDenied', /no session policy allows/);
    const create = new CreateUserCommand({ UserName: 'x' });
    await refused(world.iam(narrowed).send(create), 'AccessDenied', /no identity-based policy allows/);
    // A second policy would count beside the first, and so give back what it took.
    assert.equal(await narrow(narrowed), undefined);
    assert.equal(await narrow(await assume(user, { Policy: policy(allow('iam:ListUsers')) })), undefined);
  });

  test('session tags are principal tags, need sts:TagSession, and stay when they are transitive', async () => {
    const tags = { Tags: [{ Key: 'study', Value: 'a' }], TransitiveTagKeys: ['study'] };
    await refused(assume(user, tags), 'AccessDenied', /sts:TagSession/);
    const RoleArn = await newRole(
      'tagged',
      policy({
        Effect: 'Allow',
        Principal: { AWS: ['arn:aws:iam::111122223333:user/ann', ROLE] },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      }),
    );
    const Condition = { StringEquals: { 'aws:PrincipalTag/study': 'a' } };
    const PolicyDocument = policy(allow(['iam:ListUsers'], { Condition }));
    await admin.send(new PutRolePolicyCommand({ RoleName: 'tagged', PolicyName: 'p', PolicyDocument }));
    await listUsers(await assume(user, { RoleArn, ...tags }));
    await refused(listUsers(await assume(user, { RoleArn })), 'AccessDenied');

    const next = await newRole('tagged-next', trusting(RoleArn, 'sts:TagSession'));
    await admin.send(new PutRolePolicyCommand({ RoleName: 'tagged-next', PolicyName: 'p', PolicyDocument }));
    const chained = (Tags: AssumeRoleCommandInput['Tags'], first: object = tags) =>
      assume(user, { RoleArn, ...first }).then((keys) => assume(keys, { RoleArn: next, Tags }));
    await listUsers(await chained([]));
    await refused(listUsers(await chained([], { Tags: tags.Tags })), 'AccessDenied');
    await refused(chained([{ Key: 'Study', Value: 'b' }]), 'InvalidParameterValue', /Study/);
  });

  test('a source identity needs sts:SetSourceIdentity, can be asked for, and stays whatever is assumed next', async () => {
    const SourceIdentity = 'dr.ann';
    await refused(assume(user, { SourceIdentity }), 'AccessDenied', /sts:SetSourceIdentity/);
    const RoleArn = await newRole(
      'traced',
      trusting('arn:aws:iam::111122223333:user/ann', 'sts:SetSourceIdentity'),
    );
    const next = await newRole('traced-next', trusting(RoleArn, 'sts:SetSourceIdentity'));
    const Condition = { StringEquals: { 'aws:SourceIdentity': SourceIdentity } };
    const PolicyDocument = policy(allow('iam:ListUsers', { Condition }));
    for (const RoleName of ['traced', 'traced-next'])
      await admin.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    const traced = await assume(user, { RoleArn, SourceIdentity });
    await listUsers(traced);
    await refused(listUsers(await assume(user, { RoleArn })), 'AccessDenied');
    await listUsers(await assume(traced, { RoleArn: next }));
    await refused(
      assume(traced, { RoleArn: next, SourceIdentity: 'dr.eve' }),
      'AccessDenied',
      /source identity/i,
    );
  });

  test('sessions end when they say, and not a moment later; durations have limits', async () => {
    const session = await assume(user, { DurationSeconds: 900 });
    try {
      world.ahead = 899_000;
      await listUsersAhead(session);
      world.ahead = 901_000;
      await refused(listUsersAhead(session), 'ExpiredToken');
    } finally {
      world.ahead = 0;
    }
    await refused(assume(user, { DurationSeconds: 3601 }), 'ValidationError', /exceeds the 3600 seconds/);
    await refused(assume(user, { DurationSeconds: 60 }), 'ValidationError');
  });

  /** Signed with the server's time. */
  function listUsersAhead(keys: Keys) {
    const client = world.iam(keys);
    client.config.systemClockOffset = world.ahead;
    return client.send(new ListUsersCommand({}));
  }

  test('tokens that are altered, missing, or of another key open nothing', async () => {
    const session = await assume(user);
    const another = await assume(user);
    const { sessionToken, ...keyAlone } = session;
    await refused(listUsers(keyAlone), 'InvalidClientTokenId');
    await refused(listUsers({ ...session, sessionToken: another.sessionToken }), 'InvalidClientTokenId');
    await refused(listUsers({ ...another, accessKeyId: session.accessKeyId }), 'InvalidClientTokenId');
    const middle = sessionToken!.length >> 1;
    const flipped = sessionToken![middle] === 'A' ? 'B' : 'A';
    const altered = sessionToken!.slice(0, middle) + flipped + sessionToken!.slice(middle + 1);
    await refused(listUsers({ ...session, sessionToken: altered }), 'InvalidClientTokenId');
    await refused(listUsers({ ...user, sessionToken: sessionToken! }), 'InvalidClientTokenId');
    await refused(listUsers({ ...session, sessionToken: 'x' }), 'InvalidClientTokenId');
    await refused(listUsers({ ...session, secretAccessKey: user.secretAccessKey }), 'SignatureDoesNotMatch');
  });

  test('a session of a role that is deleted may nothing, even where a role of that name is made again', async () => {
    const RoleArn = await newRole('brief', trust({ AWS: 'arn:aws:iam::111122223333:user/ann' }));
    const put = { RoleName: 'brief', PolicyName: 'p', PolicyDocument: policy(allow('iam:ListUsers')) };
    await admin.send(new PutRolePolicyCommand(put));
    const session = await assume(user, { RoleArn });
    await listUsers(session);
    await admin.send(new DeleteRolePolicyCommand(put));
    await refused(listUsers(session), 'AccessDenied');
    await admin.send(new DeleteRoleCommand(put));
    await newRole('brief', trust({ AWS: 'arn:aws:iam::111122223333:user/ann' }));
    await admin.send(new PutRolePolicyCommand(put));
    await refused(listUsers(session), 'AccessDenied');
    await listUsers(await assume(user, { RoleArn }));
  });

  test('sessions do not beget sessions of users, and root assumes no role', async () => {
    const session = await assume(user);
    await refused(world.sts(session).send(new GetSessionTokenCommand({})), 'AccessDenied');
    const RoleArn = await newRole('roots', trust({ AWS: world.one.account }));
    await refused(assume(world.one, { RoleArn }), 'AccessDenied', /Roles may not be assumed by root/);
  });

  test('a federated user may what both its policy and the user’s allow', async () => {
    const cat = await newUser('cat');
    const PolicyDocument = policy(allow(['sts:GetFederationToken', 'omics:*']));
    await admin.send(new PutUserPolicyCommand({ UserName: 'cat', PolicyName: 'p', PolicyDocument }));
    const request = { Name: 'visitor', Policy: policy(allow(['omics:GetRun', 's3:*', 'iam:*'])) };
    const { Credentials, FederatedUser } = await world.sts(cat).send(new GetFederationTokenCommand(request));
    assert.equal(FederatedUser!.Arn, 'arn:aws:sts::111122223333:federated-user/visitor');
    const keys = keysOf(Credentials!);
    const found = await world.access.credentials.find(keys.accessKeyId, keys.sessionToken);
    assert.ok(found && !found.expired);
    const may = async (action: string) => {
      const scope = { account: world.one.account, region: 'us-east-1' };
      return (
        await world.access.authorizer.authorize({
          principal: found.principal,
          scope,
          action,
          resources: ['*'],
        })
      ).allowed;
    };
    assert.deepEqual(
      [await may('omics:GetRun'), await may('omics:ListRuns'), await may('s3:GetObject')],
      [true, false, false],
    );
    await refused(listUsers(keys), 'AccessDenied');
  });

  test('a code of a virtual device makes a session that policies can ask for; each code is good once', async () => {
    const dan = await newUser('dan');
    const made = await admin.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'dans' }));
    const { SerialNumber, Base32StringSeed } = made.VirtualMFADevice!;
    const seed = unbase32(Buffer.from(Base32StringSeed!).toString());
    const step = stepAt(Date.now());
    const codes = { AuthenticationCode1: codeOf(seed, step - 1), AuthenticationCode2: codeOf(seed, step) };
    const device = { UserName: 'dan', SerialNumber: SerialNumber! };
    const wrong = { ...device, AuthenticationCode1: '000000', AuthenticationCode2: '000001' };
    await refused(admin.send(new EnableMFADeviceCommand(wrong)), 'InvalidAuthenticationCodeException');
    await admin.send(new EnableMFADeviceCommand({ ...device, ...codes }));
    const Condition = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
    const PolicyDocument = policy(allow('iam:ListUsers', { Condition }));
    await admin.send(new PutUserPolicyCommand({ UserName: 'dan', PolicyName: 'p', PolicyDocument }));
    await refused(listUsers(dan), 'AccessDenied');
    const withCode = (TokenCode: string) =>
      world.sts(dan).send(new GetSessionTokenCommand({ SerialNumber: SerialNumber!, TokenCode }));
    await refused(withCode(codes.AuthenticationCode2), 'AccessDenied', /invalid MFA one time pass code/);
    const { Credentials } = await withCode(codeOf(seed, step + 1));
    await listUsers(keysOf(Credentials!));
    for (let guess = 0; guess < 5; guess++) await refused(withCode(`00000${guess}`), 'AccessDenied');
    world.ahead += 2 * 30_000;
    // Five wrong ones, and the right one is not looked at either.
    await refused(withCode(codeOf(seed, step + 2)), 'AccessDenied');
    world.ahead = 0;
    const plain = await world.sts(dan).send(new GetSessionTokenCommand({}));
    await refused(listUsers(keysOf(plain.Credentials!)), 'AccessDenied');
  });
});

function unbase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

describe('web identities of an OpenID Connect issuer', () => {
  let world: AccessWorld;
  let issuer: Server;
  let url: string;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  before(async () => {
    world = await openAccessWorld();
    issuer = createServer((request, response) => {
      const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }];
      const body = request.url === '/keys' ? { keys } : { issuer: url, jwks_uri: `${url}/keys` };
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    const admin = world.iam(world.one);
    const provider = { Url: url, ClientIDList: ['sequencer'], ThumbprintList: ['a'.repeat(40)] };
    const { OpenIDConnectProviderArn } = await admin.send(new CreateOpenIDConnectProviderCommand(provider));
    const name = url.replace('http://', '');
    const document = policy({
      Effect: 'Allow',
      Principal: { Federated: OpenIDConnectProviderArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [`${name}:aud`]: 'sequencer' },
        StringLike: { [`${name}:sub`]: 'machine-*' },
      },
    });
    await admin.send(new CreateRoleCommand({ RoleName: 'web', AssumeRolePolicyDocument: document }));
    const lists = policy(allow('iam:ListUsers'));
    await admin.send(new PutRolePolicyCommand({ RoleName: 'web', PolicyName: 'p', PolicyDocument: lists }));
  });
  after(async () => {
    issuer.close();
    await world.close();
  });

  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  function token(claims: object = {}, key: KeyObject = privateKey, header: object = {}): string {
    const seconds = Math.floor(Date.now() / 1000);
    const body = {
      iss: url,
      aud: 'sequencer',
      sub: 'machine-7',
      exp: seconds + 600,
      iat: seconds,
      ...claims,
    };
    const signed = `${part({ alg: 'RS256', kid: 'k1', ...header })}.${part(body)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }
  function exchange(WebIdentityToken: string) {
    // No credentials of its own: the token is what there is.
    const sts = new STSClient({
      endpoint: world.url,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: { accessKeyId: '', secretAccessKey: '' },
    });
    const RoleArn = 'arn:aws:iam::111122223333:role/web';
    return sts.send(
      new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'run7', WebIdentityToken }),
    );
  }

  test('a token of a trusted issuer, audience and subject is exchanged for the role’s session', async () => {
    const { Credentials, SubjectFromWebIdentityToken, Audience } = await exchange(token());
    assert.equal(SubjectFromWebIdentityToken, 'machine-7');
    assert.equal(Audience, 'sequencer');
    await world.iam(keysOf(Credentials!)).send(new ListUsersCommand({}));
  });

  test('any other is refused', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const refused = (text: string, name: string) => assert.rejects(exchange(text), { name });
    await refused(token({}, stranger), 'InvalidIdentityTokenException');
    await refused(token({ aud: 'someone-else' }), 'InvalidIdentityTokenException');
    await refused(token({ sub: 'person-7' }), 'AccessDenied');
    await refused(token({ exp: seconds - 600 }), 'ExpiredTokenException');
    await refused(token({ nbf: seconds + 600 }), 'InvalidIdentityTokenException');
    await refused(token({ iss: 'https://elsewhere.example.org' }), 'AccessDenied');
    await refused(token({}, privateKey, { alg: 'none' }), 'InvalidIdentityTokenException');
    await refused(token({}, privateKey, { alg: 'HS256' }), 'InvalidIdentityTokenException');
    await refused(token({}, privateKey, { kid: 'k2' }), 'InvalidIdentityTokenException');
    await refused(`${token().split('.').slice(0, 2).join('.')}.`, 'InvalidIdentityTokenException');
    await refused('not.a.token', 'AccessDenied');
  });
});
