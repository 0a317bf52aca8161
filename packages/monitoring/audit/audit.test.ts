import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import { openTestVault } from '@helicase/blobs';
import { Readable } from 'node:stream';
import type { Principal } from '@helicase/kernel';
import { dialectsUnderTest, openTestRecords } from '@helicase/records';
import { contextOf, observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { AuditArchive } from './archive.ts';
import { type AuditEvent, auditEvent } from './audit-event.ts';
import { CHAIN_START, chained } from './chain.ts';
import { Journal } from './journal.ts';
import { auditMigrations, auditTables } from './tables.ts';
import { userIdentity } from './user-identity.ts';

const SCOPE = { account: '555555555555', region: 'us-west-2' };
const at = Date.UTC(2022, 6, 23, 18, 46, 42, 900);

describe('an audit record', () => {
  const session = {
    ...contextOf(SCOPE.account, SCOPE.region),
    principal: {
      account: SCOPE.account,
      kind: 'role' as const,
      arn: `arn:aws:sts::${SCOPE.account}:assumed-role/admin/username`,
      id: 'AROAIU53LOGOMTOPXXNPG:username',
      session: {
        issuer: { arn: `arn:aws:iam::${SCOPE.account}:role/admin`, id: 'AROAIU53LOGOMTOPXXNPG' },
        name: 'username',
        issuedAt: Date.UTC(2022, 6, 23, 18, 26, 9),
        expiresAt: Date.UTC(2022, 6, 23, 19, 26, 9),
      },
    },
  };

  it("has the members of the guide's CreateWorkflow example", () => {
    const call = observedCall(
      'CreateWorkflow',
      { name: 'parameter_name', definitionZip: Buffer.of(1) },
      session,
    );
    const output = { id: '1002571', status: 'CREATING' };
    const event = auditEvent(call, { status: 201, output }, '76872ca2-f208-4193-807d-7dd7ea34e6b2', at);
    assert.deepEqual(event, {
      eventVersion: '1.08',
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'AROAIU53LOGOMTOPXXNPG:username',
        arn: 'arn:aws:sts::555555555555:assumed-role/admin/username',
        accountId: '555555555555',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        sessionContext: {
          sessionIssuer: {
            type: 'Role',
            principalId: 'AROAIU53LOGOMTOPXXNPG',
            arn: 'arn:aws:iam::555555555555:role/admin',
            accountId: '555555555555',
            userName: 'admin',
          },
          webIdFederationData: {},
          attributes: { creationDate: '2022-07-23T18:26:09Z', mfaAuthenticated: 'false' },
        },
      },
      eventTime: '2022-07-23T18:46:42Z',
      eventSource: 'omics.amazonaws.com',
      eventName: 'CreateWorkflow',
      awsRegion: 'us-west-2',
      sourceIPAddress: '192.0.2.7',
      userAgent: 'aws-cli/1.45.11',
      requestParameters: { name: 'parameter_name' },
      responseElements: { id: '1002571', status: 'CREATING' },
      requestID: 'test',
      eventID: '76872ca2-f208-4193-807d-7dd7ea34e6b2',
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '555555555555',
      eventCategory: 'Management',
    });
  });

  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
  it('says whose temporary credentials were used, and which service asked', () => {
    const { account } = SCOPE;
    const ann = { arn: `arn:aws:iam::${account}:user/ann`, id: 'AIDACKCEVSQ6C2EXAMPLE' };
    const times = { issuedAt: Date.UTC(2022, 6, 23, 18, 26, 9), expiresAt: Date.UTC(2022, 6, 24) };
    const as = (principal: Principal, more: object = {}) => {
      const call = observedCall('GetRun', {}, { ...session, principal });
      return userIdentity({ ...call, ...more });
    };
    const withMfa = { issuer: ann, name: '', ...times, mfaAt: times.issuedAt };
    assert.deepEqual(as({ account, kind: 'user', ...ann, session: withMfa }).sessionContext, {
      sessionIssuer: {},
      webIdFederationData: {},
      attributes: { creationDate: '2022-07-23T18:26:09Z', mfaAuthenticated: 'true' },
    });
    assert.equal(as({ account, kind: 'user', ...ann }).sessionContext, undefined);
    const federated = as({
      ...{ account, kind: 'federated', arn: `arn:aws:sts::${account}:federated-user/bob` },
      ...{ id: `${account}:bob`, session: { issuer: ann, name: '', ...times } },
    });
    assert.equal(federated.type, 'FederatedUser');
    assert.deepEqual(federated.sessionContext!.sessionIssuer, {
      ...{ type: 'IAMUser', principalId: ann.id, arn: ann.arn, accountId: account, userName: 'ann' },
    });
    const invokedBy = 'omics.amazonaws.com';
    assert.equal(as({ account, kind: 'user', ...ann }, { invokedBy }).invokedBy, invokedBy);
    const service = as({ account, kind: 'user', ...ann }, { invokedBy, ofItself: true });
    assert.deepEqual(service, { type: 'AWSService', invokedBy });
  });

  it('hides secrets and leaves bytes out, however deep', () => {
    const call = observedCall('CreateAccessKey', { UserName: 'ann', body: Readable.from(['x']) }, session);
    const output = {
      AccessKey: { AccessKeyId: 'AKIA1', SecretAccessKey: 'wJalr', CreateDate: new Date(at) },
    };
    const { requestParameters, responseElements } = auditEvent(call, { status: 200, output }, 'id', at);
    assert.deepEqual(requestParameters, { userName: 'ann' });
    assert.deepEqual(responseElements, {
      accessKey: {
        accessKeyId: 'AKIA1',
        secretAccessKey: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        createDate: '2022-07-23T18:46:42.900Z',
      },
    });
  });

  it('hides log lines and events that are handed in: they may name patients', () => {
    const parameters = (name: string, input: object) =>
      auditEvent(observedCall(name, input, session), { status: 200, output: {} }, 'id', at).requestParameters;
    const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS';
    const logEvents = [{ timestamp: 1, message: 'NA12878' }];
    const lines = parameters('PutLogEvents', { logGroupName: '/lab', logEvents });
    assert.deepEqual(lines, { logGroupName: '/lab', logEvents: hidden });
    const events = parameters('PutEvents', { Entries: [{ Source: 'lab', Detail: '{"sample":"NA12878"}' }] });
    assert.deepEqual(events, { entries: [{ source: 'lab', detail: hidden }] });
  });

  it('of a read has no response elements, of a refusal the code and the message', () => {
    const read = auditEvent(
      observedCall('GetRun', { id: '1' }, session),
      { status: 200, output: { id: '1' } },
      'id',
      at,
    );
    assert.equal(read.responseElements, null);
    const outcome = { status: 403, code: 'AccessDeniedException', message: 'no' };
    const refused = auditEvent(observedCall('StartRun', {}, session), outcome, 'id', at);
    assert.deepEqual([refused.errorCode, refused.errorMessage], ['AccessDeniedException', 'no']);
    assert.equal(refused.requestParameters, null);
  });
});

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`audit records on ${dialect}`, { skip }, () => {
    let folder: string;
    let vault: Awaited<ReturnType<typeof openTestVault>>;
    let database: Awaited<ReturnType<typeof openTestRecords>>;
    let archive: AuditArchive;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'helicase-audit-'));
      vault = await openTestVault();
      database = await openTestRecords({
        dialect,
        declare: (records) => records.migrations(auditMigrations),
      });
      archive = new AuditArchive(database.records, vault.keyring, 'server-1');
    });
    afterEach(async () => {
      await database.close();
      await vault.close();
      await rm(folder, { recursive: true });
    });

    const openJournal = async (mostRecent?: number) =>
      Journal.open(folder, vault.keyring, await archive.heads(), mostRecent);
    const record = (number: number) =>
      JSON.stringify(
        auditEvent(
          observedCall(`Get${number}`, {}, contextOf(SCOPE.account, SCOPE.region)),
          { status: 200 },
          `${number}`,
          at,
        ),
      );
    const names = async () => {
      const found: string[] = [];
      for await (const { events } of archive.newestFirst(SCOPE, {}))
        found.push(...events.map((one) => one.eventName));
      return found.reverse();
    };
    const tables = () => auditTables(database.records.direct);

    it('are taken over once each, whenever the server dies', async () => {
      let journal = await openJournal();
      await Promise.all([1, 2, 3].map((number) => journal.append(SCOPE, record(number), number === 2)));
      await journal.close(); // killed before anything was taken over
      journal = await openJournal();
      await archive.takeOver(journal);
      await archive.takeOver(journal);
      await journal.append(SCOPE, record(4), false);
      await journal.close(); // killed after a part was
      journal = await openJournal();
      await Promise.all([
        archive.takeOver(journal),
        journal.append(SCOPE, record(5), true),
        archive.takeOver(journal),
      ]);
      await archive.takeOver(journal);
      await journal.close();
      assert.deepEqual(await names(), ['Get1', 'Get2', 'Get3', 'Get4', 'Get5']);
      assert.deepEqual(await archive.faults(), []);
    });

    it('that are more than memory is given are taken over from the files', async () => {
      const journal = await openJournal(record(1).length);
      await journal.append(SCOPE, record(1), false);
      await journal.append(SCOPE, record(2), false);
      await archive.takeOver(journal);
      await journal.append(SCOPE, record(3), false);
      await archive.takeOver(journal);
      await journal.close();
      assert.deepEqual(await names(), ['Get1', 'Get2', 'Get3']);
      assert.deepEqual(await archive.faults(), []);
    });

    it('that an earlier release wrote, deflated and as one array, are taken over with those of this one', async () => {
      const records = [record(1), record(2)];
      const keyId = await vault.keyring.keyFor(SCOPE, 'audit');
      const sealed = await vault.keyring.wrap(keyId, deflateRawSync(JSON.stringify(records)));
      const to = chained(CHAIN_START, records);
      const line = { scope: SCOPE, from: CHAIN_START, to, keyId };
      const text = JSON.stringify({ ...line, sealed: Buffer.from(sealed).toString('base64') });
      await writeFile(join(folder, '00000001.jsonl'), `${text}\n`);
      const journal = await openJournal();
      await journal.append(SCOPE, record(3), true);
      await archive.takeOver(journal);
      await journal.close();
      assert.deepEqual(await names(), ['Get1', 'Get2', 'Get3']);
      assert.deepEqual(await archive.faults(), []);
    });

    it('that were written only in part were answered to nobody, and are not there', async () => {
      let journal = await openJournal();
      await journal.append(SCOPE, record(1), true);
      await journal.close();
      const [name] = await readdir(folder);
      await appendFile(join(folder, name!), '{"scope":{"account":"5');
      journal = await openJournal();
      await journal.append(SCOPE, record(2), true);
      await archive.takeOver(journal);
      await journal.close();
      assert.deepEqual(await names(), ['Get1', 'Get2']);
      assert.deepEqual(await archive.faults(), []);
    });

    it('that are changed, removed or put back elsewhere are noticed', async () => {
      const journal = await openJournal();
      for (const number of [1, 2, 3]) {
        await journal.append(SCOPE, record(number), false);
        await archive.takeOver(journal);
      }
      await journal.close();
      const rows = await tables().selectFrom('audit_chunk').selectAll().orderBy('first').execute();
      const change = (first: number, values: object) =>
        tables().updateTable('audit_chunk').set(values).where('first', '=', first).execute();
      await change(1, { sealed: rows[0]!.sealed });
      assert.match((await archive.faults()).join(), /records 1 to 1 .* were changed/);
      await change(1, { sealed: rows[1]!.sealed });
      assert.deepEqual(await archive.faults(), []);
      await tables().deleteFrom('audit_chunk').where('first', '=', 1).execute();
      assert.match(
        (await archive.faults()).join(),
        /do not follow record 0: records between them are missing/,
      );
    });
  });

  describe(`LookupEvents on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    beforeEach(async () => (room = await openTestMonitoring(dialect)));
    afterEach(() => room.close());

    const answered = (name: string, input: object = {}) =>
      room.observers[0]!.record!(observedCall(name, input, room.context), { status: 200 });
    const look = async (input: LookupEventsRequest) => {
      const answer = await room.call<LookupEventsResponse>('LookupEvents', input);
      return { names: answer.Events!.map(({ EventName }) => EventName), ...answer };
    };

    it('finds what was just answered, newest first, by name and by kind', async () => {
      for (const name of ['CreateRunGroup', 'GetRunGroup', 'DeleteRunGroup', 'GetRunGroup'])
        await answered(name);
      assert.deepEqual((await look({})).names, [
        'GetRunGroup',
        'DeleteRunGroup',
        'GetRunGroup',
        'CreateRunGroup',
      ]);
      const byName = [{ AttributeKey: 'EventName', AttributeValue: 'DeleteRunGroup' } as const];
      const { Events } = await look({ LookupAttributes: byName });
      assert.equal(Events!.length, 1);
      const { CloudTrailEvent, ReadOnly, Username } = Events![0]!;
      assert.deepEqual([ReadOnly, Username], ['false', 'root']);
      assert.equal((JSON.parse(CloudTrailEvent!) as AuditEvent).eventName, 'DeleteRunGroup');
      const writes = [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' } as const];
      assert.deepEqual((await look({ LookupAttributes: writes })).names, [
        'DeleteRunGroup',
        'CreateRunGroup',
      ]);
    });

    it('gives every event once, page by page, while more come', async () => {
      const names = Array.from({ length: 7 }, (_, index) => `Get${index}`);
      for (const name of names) await answered(name);
      const seen: (string | undefined)[] = [];
      let NextToken: string | undefined;
      do {
        const page = await look({ MaxResults: 3, NextToken });
        seen.push(...page.names);
        await answered('GetLater');
        ({ NextToken } = page);
      } while (NextToken);
      assert.deepEqual(seen, names.reverse());
    });

    it('refuses two attributes, and a range that ends before it starts', async () => {
      const LookupAttributes = ['EventName', 'EventId'].map((key) => ({
        AttributeKey: key as 'EventName',
        AttributeValue: 'x',
      }));
      await assert.rejects(look({ LookupAttributes }), { name: 'InvalidLookupAttributesException' });
      const range = { StartTime: new Date(at), EndTime: new Date(at - 1) };
      await assert.rejects(look(range), { name: 'InvalidTimeRangeException' });
      const past = { StartTime: new Date(at - 1), EndTime: new Date(at) };
      await answered('GetRun');
      assert.deepEqual((await look(past)).names, []);
    });
  });
}
