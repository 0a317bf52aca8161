import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NormalizedSchema } from '@smithy/core/schema';
import { Ids, type Principal, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { s3Operations } from '@helicase/buckets';
import { type AnyOperation, authorizeOperation, type OperationContext, type Service } from '@helicase/wire';
import { authorizedConnections } from './authorized-ports.ts';
import { readConfiguration } from './configuration.ts';
import { dataDirectory, prepareDataDirectory } from './data-directory.ts';
import { makeRooms, type Rooms } from './rooms.ts';

const ACCOUNT = '111122223333';
const scope = { account: ACCOUNT, region: 'us-east-1' };
const root: OperationContext = {
  ...{ scope, principal: rootPrincipal(ACCOUNT), requestId: 'test', signal: new AbortController().signal },
};

/** Given together with the group's name, these are refused. */
const EITHER_OR = ['logGroupIdentifier', 'logGroupIdentifiers', 'logGroupNames'];

/** An input with every member filled, from the client's own schema. */
function sample(schema: NormalizedSchema, text: string, depth = 0): unknown {
  if (schema.isListSchema()) return [sample(schema.getValueSchema(), text, depth + 1)];
  if (schema.isMapSchema()) return { key: 'value' };
  if (schema.isStructSchema()) {
    if (depth > 4) return {};
    const members = [...schema.structIterator()];
    const isNamed = members.some(([name]) => name === 'logGroupName');
    const given = members.filter(([name]) => !isNamed || !EITHER_OR.includes(name));
    return Object.fromEntries(given.map(([name, member]) => [name, sample(member, text, depth + 1)]));
  }
  if (schema.isNumericSchema()) return 1;
  if (schema.isBooleanSchema()) return true;
  if (schema.isTimestampSchema()) return new Date(0);
  return text;
}

function inputOf({ schemas }: Service, { name }: AnyOperation, text: string): unknown {
  const operation = schemas[`${name}$`] as readonly unknown[];
  const input = operation[4] as () => never;
  return sample(NormalizedSchema.of(typeof input === 'function' ? input() : input), text);
}

describe('every operation by principal', () => {
  let rooms: Rooms;
  let folder: string;
  let user: Principal;
  let key: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-authorization-'));
    const directory = dataDirectory(folder);
    prepareDataDirectory(directory);
    const ids = new Ids(systemClock, systemRandom);
    const effects = { clock: systemClock, random: systemRandom, ids, log: silentLog };
    rooms = await makeRooms(readConfiguration({ data: folder }, {}), directory, effects);
    await rooms.records.open();
    await rooms.access.ensureAccount(ACCOUNT);
    const made = (await iam('CreateUser', { UserName: 'ann' })) as { User: { Arn: string; UserId: string } };
    const makeKey = rooms.access.kms.operations.find(({ name }) => name === 'CreateKey')!;
    const { KeyMetadata } = (await makeKey.handler!({} as never, root)) as { KeyMetadata: { Arn: string } };
    key = KeyMetadata.Arn;
    user = { account: ACCOUNT, kind: 'user', arn: made.User.Arn, id: made.User.UserId };
  });
  after(async () => {
    await rooms.workflows.stop();
    await rooms.analytics.close();
    await rooms.records.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function iam(name: string, input: object): Promise<unknown> {
    const entry = rooms.access.iam.operations.find((operation) => operation.name === name);
    return entry!.handler!(input as never, root);
  }
  const policy = (statement: object | undefined) =>
    statement
      ? iam('PutUserPolicy', {
          UserName: 'ann',
          PolicyName: 'p',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: { Effect: 'Allow', Resource: '*', ...statement },
          }),
        })
      : iam('DeleteUserPolicy', { UserName: 'ann', PolicyName: 'p' });

  test('is denied to a user without policies, allowed by exactly its documented action, and by no other', async () => {
    let asked = 0;
    // What these services' operations name; the others take any ARN.
    const arns: Readonly<Record<string, string>> = {
      kms: key,
      ecr: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/tools`,
      cloudtrail: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/MyTrail`,
    };
    for (const service of rooms.services) {
      for (const entry of service.operations.filter(({ open }) => !open)) {
        const text = arns[service.name] ?? `arn:aws:omics:us-east-1:${ACCOUNT}:run/1`;
        const input = inputOf(service, entry, text);
        const resources = await entry.resources(input as never, root);
        const may = async () => {
          const guard = (await entry.guard?.(input as never, root)) ?? {};
          const question = { principal: user, scope, action: entry.action, resources, ...guard };
          // Roles and keys are their own policies' to guard; here the question is the user's side.
          return rooms.access.authorizer.authorize({
            ...question,
            needsResourcePolicy: false,
            owner: ACCOUNT,
          });
        };
        const denied = await may();
        assert.ok(!denied.allowed, `${entry.action} needs no permission`);
        assert.match(
          denied.message,
          new RegExp(`because no identity-based policy allows the ${entry.action} action$`),
        );
        await policy({ NotAction: entry.action });
        assert.equal((await may()).allowed, false, `${entry.action} is allowed by another action`);
        await policy({ Action: entry.action });
        assert.deepEqual(await may(), { allowed: true });
        await policy(undefined);
        asked += 1;
      }
    }
    assert.ok(asked > 190, `${asked} operations`);
  });

  test('of S3 is denied to a user without policies, allowed by exactly its documented action, and by no other', async () => {
    for (const { action, name, on } of s3Operations) {
      const arn = {
        service: '*',
        name: 'arn:aws:s3:::b',
        bucket: 'arn:aws:s3:::b',
        object: 'arn:aws:s3:::b/k',
      }[on];
      const may = () =>
        rooms.access.authorizer.authorize({
          principal: user,
          scope,
          action,
          resources: [arn],
          owner: ACCOUNT,
        });
      assert.equal((await may()).allowed, false, `${name} needs no permission`);
      await policy({ NotAction: action });
      assert.equal((await may()).allowed, false, `${name} is allowed by another action`);
      await policy({ Action: action });
      assert.deepEqual(await may(), { allowed: true });
      await policy(undefined);
    }
  });

  test('that does something in another service’s way needs that service’s actions too', async () => {
    const stores = rooms.services
      .flatMap(({ operations }) => operations)
      .filter(({ forwards }) => forwards && forwards.length > 0);
    assert.deepEqual(stores.map(({ name }) => name).sort(), ['CreateAnnotationStore', 'CreateVariantStore']);
    for (const entry of stores) {
      const ask = () =>
        authorizeOperation(rooms.access.authorizer, entry, {
          input: {},
          context: { ...root, principal: user },
          resources: ['*'],
        });
      const ram = ['ram:GetResourceShareInvitations', 'ram:AcceptResourceShareInvitation'];
      for (const one of ram) {
        await policy({ Action: [entry.action, one] });
        const other = ram.find((action) => action !== one)!;
        await assert.rejects(ask(), { code: 'AccessDeniedException', message: new RegExp(other) });
      }
      await policy({ Action: [entry.action, ...ram] });
      await ask();
      await policy(undefined);
    }
  });

  test('has the action of its own name, as the service authorization reference lists them', () => {
    const prefixes: Readonly<Record<string, string>> = { tagging: 'tag', monitoring: 'cloudwatch' };
    for (const service of rooms.services) {
      const prefix = prefixes[service.name] ?? service.name;
      for (const { name, action } of service.operations) assert.equal(action, `${prefix}:${name}`);
    }
  });
});

describe('a connection to a Git server', () => {
  const arn = `arn:aws:codeconnections:us-east-1:${ACCOUNT}:connection/lab`;
  const lab = { endpoint: 'https://git.lab', provider: 'GitLabSelfManaged' };
  const connections = (message: string) =>
    authorizedConnections(
      { [arn]: lab },
      {
        authorize: ({ action, resources }) => {
          const allowed =
            action === 'codeconnections:UseConnection' && resources[0] === arn && message === '';
          return Promise.resolve(allowed ? { allowed } : { allowed: false, message });
        },
      },
    );

  test('is had by principals of its account that may use it, and there is none for others', async () => {
    assert.equal(await connections('').use(root, arn), lab);
    await assert.rejects(connections('not authorized').use(root, arn), { code: 'AccessDeniedException' });
    assert.equal(await connections('').use(root, `${arn}2`), undefined);
    const other = { scope: { ...scope, account: '444455556666' }, principal: rootPrincipal('444455556666') };
    assert.equal(await connections('').use(other, arn), undefined);
  });
});
