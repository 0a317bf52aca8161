import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ids, systemClock, systemRandom } from '@helicase/kernel';
import { openKeyRing } from '@helicase/blobs';
import { dialectsUnderTest, openTestRecords, type Records, type TestRecords } from '@helicase/records';
import type { AnyOperation, OperationContext, PageTokens } from '@helicase/wire';
import { type Access, createAccess } from './access.ts';
import { accessTables } from './account/tables.ts';

const root = systemRandom.bytes(32);
const ids = new Ids(systemClock, systemRandom);
/** Readable tokens: what seals them is wire's to test. */
const pageTokens: PageTokens = {
  issue: (binding, position) => JSON.stringify([binding, position]),
  read(binding, token) {
    const [bound, position] = JSON.parse(token) as [unknown, (string | number)[]];
    assert.deepEqual(bound, binding);
    return position;
  },
};
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'omics.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const permission =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`access on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let access: Access;
    before(async () => {
      ({ opened, access } = await openFresh(dialect));
    });
    after(() => opened.close());

    test('the first start makes an account with a root key, the next finds the same', async () => {
      const first = await access.ensureAccount();
      assert.match(first.accountId, /^\d{12}$/);
      assert.match(first.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
      assert.equal(first.secretAccessKey.length, 40);
      assert.deepEqual(await access.ensureAccount(), first);
      assert.deepEqual(await access.accounts(), [first.accountId]);
    });

    test('servers that start at the same moment agree on the account', async () => {
      const fresh = await openFresh(dialect);
      const keys = await Promise.all(Array.from({ length: 5 }, () => fresh.access.ensureAccount()));
      assert.equal(new Set(keys.map((key) => key.accessKeyId)).size, 1);
      assert.deepEqual(await fresh.access.accounts(), [keys[0]!.accountId]);
      await fresh.opened.close();
    });

    test('a key id gives its secret and the account’s root, an unknown one nothing', async () => {
      const key = await access.ensureAccount();
      const found = await access.credentials.find(key.accessKeyId);
      assert.ok(found && !found.expired);
      assert.equal(found.secretAccessKey, key.secretAccessKey);
      assert.equal(found.principal.arn, `arn:aws:iam::${key.accountId}:root`);
      assert.equal(await access.credentials.find('AKIAUNKNOWNUNKNOWN22'), undefined);
    });

    test('the database has the secret sealed only', async () => {
      const { secretAccessKey, accessKeyId } = await access.ensureAccount();
      const rows = await accessTables(opened.records.direct).selectFrom('access_key').selectAll().execute();
      assert.ok(rows.some((row) => row.id === accessKeyId));
      assert.ok(!JSON.stringify(rows).includes(secretAccessKey));
    });

    test('root may do everything in its own account and nothing in another', async () => {
      const { credentials, authorizer } = access;
      const found = await credentials.find((await access.ensureAccount()).accessKeyId);
      assert.ok(found && !found.expired);
      const { principal } = found;
      const ask = (account: string) =>
        authorizer.authorize({
          principal,
          scope: { account, region: 'us-east-1' },
          action: 'omics:GetRun',
          resources: [`arn:aws:omics:us-east-1:${account}:run/1`],
        });
      assert.deepEqual(await ask(principal.account), { allowed: true });
      const denied = await ask('999999999999');
      assert.deepEqual(denied, {
        allowed: false,
        message: `User: ${principal.arn} is not authorized to perform: omics:GetRun on resource: arn:aws:omics:us-east-1:999999999999:run/1 because no resource-based policy allows the omics:GetRun action`,
      });
    });

    describe('roles', () => {
      const one = context('111111111111');
      const other = context('222222222222');

      test('a role is created, read back with its trust policy, and found whatever the case of its name', async () => {
        const made = await call(access, 'CreateRole', one, {
          RoleName: 'OmicsImport',
          Path: '/service-role/',
          AssumeRolePolicyDocument: trust,
        });
        assert.equal(made.Role!.Arn, 'arn:aws:iam::111111111111:role/service-role/OmicsImport');
        const read = await call(access, 'GetRole', one, { RoleName: 'omicsimport' });
        assert.equal(decodeURIComponent(read.Role!.AssumeRolePolicyDocument!), trust);
      });

      test('the same name again is refused in the same account and free in another', async () => {
        const again = { RoleName: 'OMICSIMPORT', AssumeRolePolicyDocument: trust };
        await assert.rejects(call(access, 'CreateRole', one, again), { code: 'EntityAlreadyExists' });
        await call(access, 'CreateRole', other, again);
      });

      test('a policy that is not JSON is refused with what is wrong in it', async () => {
        const request = { RoleName: 'OmicsImport', PolicyName: 'p', PolicyDocument: '{' };
        await assert.rejects(call(access, 'PutRolePolicy', one, request), {
          code: 'MalformedPolicyDocument',
        });
      });

      test('a role with policies is not deleted before they are', async () => {
        const name = { RoleName: 'OmicsImport' };
        await call(access, 'PutRolePolicy', one, { ...name, PolicyName: 'read', PolicyDocument: permission });
        await assert.rejects(call(access, 'DeleteRole', one, name), {
          code: 'DeleteConflict',
          message: /read/,
        });
        await call(access, 'DeleteRolePolicy', one, { ...name, PolicyName: 'read' });
        await assert.rejects(call(access, 'GetRolePolicy', one, { ...name, PolicyName: 'read' }), {
          code: 'NoSuchEntity',
        });
        await call(access, 'DeleteRole', one, name);
        await assert.rejects(call(access, 'GetRole', one, name), { code: 'NoSuchEntity' });
      });

      test('pages of a list give every role once', async () => {
        for (let number = 0; number < 5; number++) {
          await call(access, 'CreateRole', one, { RoleName: `r${number}`, AssumeRolePolicyDocument: trust });
        }
        const seen: string[] = [];
        for (let marker: string | undefined; ;) {
          const page = await call(access, 'ListRoles', one, {
            MaxItems: 2,
            ...(marker ? { Marker: marker } : {}),
          });
          seen.push(...page.Roles!.map((role) => role.RoleName!));
          if (!page.IsTruncated) break;
          marker = page.Marker;
        }
        assert.deepEqual(seen.sort(), ['r0', 'r1', 'r2', 'r3', 'r4']);
      });

      test('a job acts as a role that exists in its account, and as no other', async () => {
        const actor = await access.roles.assume(one.scope, 'arn:aws:iam::111111111111:role/r1');
        assert.equal(actor.principal.arn, 'arn:aws:iam::111111111111:role/r1');
        const refused = (arn: string) =>
          assert.rejects(access.roles.assume(one.scope, arn), { code: 'ValidationException' });
        await refused('arn:aws:iam::111111111111:role/absent');
        await refused('arn:aws:iam::222222222222:role/OMICSIMPORT');
        await refused('arn:aws:iam::111111111111:role/another/path/r1');
        await refused('arn:aws:iam::111111111111:user/r1');
      });
    });
  });
}

async function openFresh(dialect: Records['dialect']): Promise<{ opened: TestRecords; access: Access }> {
  let access: Access | undefined;
  const declare = (records: Records) => {
    const keyring = openKeyRing({ rows: records.keys, root, random: systemRandom });
    access = createAccess({ records, keyring, pageTokens, clock: systemClock, ids, random: systemRandom });
  };
  const opened = await openTestRecords({ dialect, declare });
  return { opened, access: access! };
}

interface Answer {
  readonly Role?: { readonly Arn?: string; readonly AssumeRolePolicyDocument?: string };
  readonly Roles?: readonly { readonly RoleName?: string }[];
  readonly IsTruncated?: boolean;
  readonly Marker?: string;
}

function context(account: string): OperationContext {
  const principal = { account, kind: 'root', arn: `arn:aws:iam::${account}:root`, id: account } as const;
  return {
    scope: { account, region: 'us-east-1' },
    principal,
    requestId: 'test',
    signal: new AbortController().signal,
  };
}

async function call(access: Access, name: string, from: OperationContext, input: object): Promise<Answer> {
  const entry = access.iam.operations.find((operation: AnyOperation) => operation.name === name);
  return (await entry!.handler!(input as never, from)) as Answer;
}
