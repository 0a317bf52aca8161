import * as omicsSchemas from '@aws-sdk/client-omics';
import {
  AcceptShareCommand,
  CreateShareCommand,
  DeleteShareCommand,
  GetShareCommand,
  ListSharesCommand,
  OmicsClient,
} from '@aws-sdk/client-omics';
import {
  AcceptResourceShareInvitationCommand,
  GetResourceShareInvitationsCommand,
  RAMClient,
} from '@aws-sdk/client-ram';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Records } from '@helicase/records';
import { type AccessWorld, openAccessWorld } from '../testing/world.ts';

const STORE = 'arn:aws:omics:us-east-1:111122223333:variantStore/omics_dev_var_store';

/** Stands for the room that has variant stores: a kind with tags and ARNs. */
function declareStores(records: Records) {
  return records.resource<{ readonly name: string; readonly tags: Record<string, string> }, 'ACTIVE', 'name'>(
    {
      kind: 'test-variant-store',
      machine: { ACTIVE: {} },
      columns: { name: (doc) => doc.name },
      tagged: {
        type: 'omics:variantStore',
        arn: ({ scope, doc }) => `arn:aws:omics:${scope.region}:${scope.account}:variantStore/${doc.name}`,
        among: (resource) => {
          const name = /^variantStore\/(.+)$/.exec(resource)?.[1];
          return name === undefined ? undefined : { where: { name } };
        },
      },
    },
  );
}

describe('shares between two accounts through the AWS SDK', () => {
  let world: AccessWorld;
  let stores: ReturnType<typeof declareStores>;
  let owner: OmicsClient;
  let subscriber: OmicsClient;
  const scope = { account: '111122223333', region: 'us-east-1' };
  before(async () => {
    world = await openAccessWorld((access, records) => {
      stores = declareStores(records);
      const operations = access.operations;
      return [{ name: 'omics', protocol: 'restJson1', schemas: omicsSchemas, operations }, access.ram];
    });
    const doc = { name: 'omics_dev_var_store', tags: {} };
    await stores.insert(world.opened.records.direct, { scope, id: 'one', status: 'ACTIVE', doc });
    world.opened.records.jobs.start();
    const client = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new OmicsClient({ endpoint: world.url, region: 'us-east-1', credentials, disableHostPrefix: true });
    owner = client(world.one);
    subscriber = client(world.other);
  });
  after(async () => {
    await world.opened.records.jobs.stop();
    await world.close();
  });

  const create = () =>
    owner.send(
      new CreateShareCommand({
        resourceArn: STORE,
        principalSubscriber: world.other.account,
        shareName: 'my_Share-123',
      }),
    );
  const theirs = () =>
    world.access.shares.isShared({ account: world.other.account, region: 'us-east-1' }, STORE);
  async function becomes(shareId: string, status: string): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      const { share } = await owner.send(new GetShareCommand({ shareId }));
      if (share!.status === status) return;
      await delay(25);
    }
    assert.fail(`the share never became ${status}`);
  }

  test('the guide’s walk: offered, accepted, used, listed by both, deleted, and gone at once', async () => {
    const made = await create();
    assert.equal(made.status, 'PENDING');
    const shareId = made.shareId!;
    assert.equal(await theirs(), false);
    const seen = await subscriber.send(new GetShareCommand({ shareId }));
    assert.equal(seen.share!.ownerId, '111122223333');
    assert.equal(seen.share!.resourceArn, STORE);
    assert.equal((await subscriber.send(new AcceptShareCommand({ shareId }))).status, 'ACTIVATING');
    await becomes(shareId, 'ACTIVE');
    assert.equal(await theirs(), true);
    const given = await owner.send(new ListSharesCommand({ resourceOwner: 'SELF' }));
    const offered = await subscriber.send(new ListSharesCommand({ resourceOwner: 'OTHER' }));
    assert.deepEqual(offered.shares, given.shares);
    assert.deepEqual((await subscriber.send(new ListSharesCommand({ resourceOwner: 'SELF' }))).shares, []);
    assert.equal((await owner.send(new DeleteShareCommand({ shareId }))).status, 'DELETING');
    assert.equal(await theirs(), false);
    await becomes(shareId, 'DELETED');
  });

  test('lists are filtered by status, type and resource', async () => {
    const list = async (filter: object) =>
      (await owner.send(new ListSharesCommand({ resourceOwner: 'SELF', filter }))).shares!.length;
    assert.equal(await list({ status: ['DELETED'] }), 1);
    assert.equal(await list({ status: ['ACTIVE'] }), 0);
    assert.equal(await list({ type: ['WORKFLOW'] }), 0);
    assert.equal(await list({ resourceArns: [STORE] }), 1);
  });

  test('only the subscriber accepts, once; a second share of the same to the same is refused', async () => {
    const { shareId } = await create();
    await assert.rejects(owner.send(new AcceptShareCommand({ shareId })), { name: 'AccessDeniedException' });
    await assert.rejects(create(), { name: 'ConflictException' });
    await subscriber.send(new AcceptShareCommand({ shareId }));
    await becomes(shareId!, 'ACTIVE');
    await assert.rejects(subscriber.send(new AcceptShareCommand({ shareId })), { name: 'ConflictException' });
    await subscriber.send(new DeleteShareCommand({ shareId }));
    assert.equal(await theirs(), false);
  });

  test('RAM tells the subscriber of a store’s share as an invitation, and accepts it once', async () => {
    const { shareId } = await create();
    const ram = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new RAMClient({ endpoint: world.url, region: 'us-east-1', credentials });
    const invitations = async (client: RAMClient) =>
      (await client.send(new GetResourceShareInvitationsCommand({}))).resourceShareInvitations!;
    const theirRam = ram(world.other);
    assert.deepEqual(await invitations(ram(world.one)), []);
    const [invitation] = await invitations(theirRam);
    assert.equal(invitation!.status, 'PENDING');
    assert.equal(invitation!.senderAccountId, world.one.account);
    assert.equal(invitation!.receiverAccountId, world.other.account);
    assert.equal(invitation!.resourceShareName, 'my_Share-123');
    const { resourceShareInvitationArn } = invitation!;
    const accept = (client: RAMClient) =>
      client.send(new AcceptResourceShareInvitationCommand({ resourceShareInvitationArn }));
    const notFound = { name: 'ResourceShareInvitationArnNotFoundException' };
    await assert.rejects(accept(ram(world.one)), notFound);
    assert.equal((await accept(theirRam)).resourceShareInvitation!.status, 'ACCEPTED');
    await becomes(shareId!, 'ACTIVE');
    await assert.rejects(accept(theirRam), { name: 'ResourceShareInvitationAlreadyAcceptedException' });
    await owner.send(new DeleteShareCommand({ shareId }));
    assert.deepEqual(await invitations(theirRam), []);
  });

  test('a share whose store is gone when it is accepted fails and says why', async () => {
    const doc = { name: 'brief', tags: {} };
    await stores.insert(world.opened.records.direct, { scope, id: 'two', status: 'ACTIVE', doc });
    const resourceArn = STORE.replace('omics_dev_var_store', 'brief');
    const request = { resourceArn, principalSubscriber: world.other.account };
    const { shareId } = await owner.send(new CreateShareCommand(request));
    await stores.remove(world.opened.records.direct, scope, 'two');
    await subscriber.send(new AcceptShareCommand({ shareId }));
    await becomes(shareId!, 'FAILED');
    const { share } = await subscriber.send(new GetShareCommand({ shareId }));
    assert.match(share!.statusMessage!, /brief does not exist any more/);
  });

  test('what cannot be shared, and ids of others’ shares', async () => {
    const share = (resourceArn: string, principalSubscriber = world.other.account) =>
      owner.send(new CreateShareCommand({ resourceArn, principalSubscriber }));
    const account = world.one.account;
    await assert.rejects(share(`arn:aws:omics:us-east-1:${account}:sequenceStore/1`), {
      name: 'ValidationException',
    });
    await assert.rejects(share(STORE.replace(account, world.other.account)), { name: 'ValidationException' });
    await assert.rejects(share(STORE, account), { name: 'ValidationException' });
    await assert.rejects(share(STORE, 'someone'), { name: 'ValidationException' });
    await assert.rejects(share(`arn:aws:omics:us-east-1:${account}:workflow/1234567`), {
      name: 'ResourceNotFoundException',
    });
    const { shareId } = await create();
    const third = await world.access.ensureAccount('777788889999');
    const stranger = new OmicsClient({
      endpoint: world.url,
      region: 'us-east-1',
      credentials: third,
      disableHostPrefix: true,
    });
    await assert.rejects(stranger.send(new GetShareCommand({ shareId })), {
      name: 'ResourceNotFoundException',
    });
    await assert.rejects(stranger.send(new DeleteShareCommand({ shareId })), {
      name: 'ResourceNotFoundException',
    });
  });
});
