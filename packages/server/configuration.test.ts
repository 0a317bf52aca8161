import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { valuesByCode } from '@helicase/monitoring';
import { ConfigurationError, readConfiguration } from './configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-configuration-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(content: object): string {
  const path = join(folder, 'helicase.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe('the configuration', () => {
  test('without a word listens on both loopback addresses, port 4600, and keeps data in ./helicase-data', () => {
    const configuration = readConfiguration({}, {});
    assert.deepEqual(configuration.hosts, ['127.0.0.1', '::1']);
    assert.equal(configuration.port, 4600);
    assert.equal(configuration.data, resolve('helicase-data'));
    assert.deepEqual(configuration.regions, ['us-east-1']);
  });

  test('takes a flag before the environment and the environment before the file', () => {
    const config = file({ port: 1, data: '/file', logLevel: 'warn' });
    const configuration = readConfiguration(
      { config, port: '3' },
      { HELICASE_PORT: '2', HELICASE_DATA: '/environment' },
    );
    assert.equal(configuration.port, 3);
    assert.equal(configuration.data, '/environment');
    assert.equal(configuration.logLevel, 'warn');
  });

  test('names every fault at once', () => {
    assert.throws(
      () =>
        readConfiguration({ port: '70000', regions: 'moon', tlsKey: 'key.pem', database: 'mysql://x' }, {}),
      (error: ConfigurationError) => {
        assert.equal(error.faults.length, 4);
        assert.match(error.message, /port "70000" must be a whole number from 0 to 65535/);
        assert.match(error.message, /"moon" has not the form of a region/);
        return true;
      },
    );
  });

  test('reads private endpoints, and says of each what is wrong with it', () => {
    const read = (...endpoints: object[]) => readConfiguration({ endpoints: JSON.stringify(endpoints) }, {});
    const lab = { id: 'vpce-lab', listen: '[::1]:4601', service: 'com.amazonaws.eu-west-1.tags-omics' };
    assert.deepEqual(read(lab).endpoints, [
      { id: 'vpce-lab', listen: { kind: 'tcp', host: '::1', port: 4601 }, service: 'tags-omics' },
    ]);
    const refused = (fault: RegExp, ...endpoints: object[]) => assert.throws(() => read(...endpoints), fault);
    refused(/endpoints\[0\].id must have the form/, { ...lab, id: 'lab' });
    refused(/endpoints\[0\].listen must be HOST:PORT/, { ...lab, listen: 'lab.sock' });
    refused(/endpoints\[0\].service must be one of storage-omics/, { ...lab, service: 'omics' });
    refused(/two have the id vpce-lab/, lab, lab);
    const unresourced = { Statement: [{ Principal: '*', Effect: 'Allow', Action: 'omics:List*' }] };
    refused(/policy: Policy statement must contain resources/, { ...lab, policy: unresourced });
  });

  test('reads quotas by code, and refuses what is none or cannot be raised', () => {
    const codes = valuesByCode({ 'Sequence stores': 50 });
    assert.deepEqual(readConfiguration({ quotas: JSON.stringify(codes) }, {}).quotas, codes);
    const fault = (quotas: object, message: RegExp) =>
      assert.throws(() => readConfiguration({ quotas: JSON.stringify(quotas) }, {}), { message });
    fault({ 'L-12345678': 5 }, /"L-12345678", which is no quota: aws service-quotas/);
    fault(valuesByCode({ 'Reference stores': 2 }), /\(Reference stores\), which is not adjustable/);
    fault({ 'L-12345678': 0 }, /numbers above 0/);
  });

  test('reads servers of queues and topics, which are told over TLS', () => {
    const queues = { service: 'sqs', endpoint: 'https://sqs.lab', accessKeyId: 'a', secretAccessKey: 'b' };
    const { messaging } = readConfiguration({ messaging: JSON.stringify([queues]) }, {});
    assert.deepEqual(messaging, [
      {
        ...{ service: 'sqs', endpoint: 'https://sqs.lab', region: 'us-east-1' },
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      },
    ]);
    const fault = (entry: object, message: RegExp) =>
      assert.throws(() => readConfiguration({ messaging: JSON.stringify([entry]) }, {}), { message });
    fault(
      { ...queues, endpoint: 'http://sqs.lab' },
      /messaging\[0\]\.endpoint "http:\/\/sqs\.lab" must be https/,
    );
    fault({ ...queues, service: 'kafka' }, /messaging\[0\]\.service must be sqs or sns/);
    fault({ ...queues, accessKeyId: undefined }, /messaging\[0\]: accessKeyId missing/);
  });

  test('reads connections to Git servers, and says what is wrong with one', () => {
    const arn = 'arn:aws:codeconnections:us-east-1:111122223333:connection/lab';
    const lab = { endpoint: 'https://git.lab', provider: 'GitLabSelfManaged' };
    const read = (connections: object) =>
      readConfiguration({ connections: JSON.stringify(connections) }, {}).connections;
    assert.deepEqual(read({ [arn]: lab }), { [arn]: lab });
    assert.throws(() => read({ lab }), /connections: lab: the name must be an ARN/);
    assert.throws(() => read({ [arn]: { ...lab, endpoint: 'ssh://git.lab' } }), /https:, http: or file: URL/);
    assert.throws(
      () => read({ [arn]: { ...lab, endpoint: 'https://me:pw@git.lab' } }),
      /beside the endpoint/,
    );
    assert.throws(() => read({ [arn]: { ...lab, username: 'me' } }), /belong together/);
    assert.throws(() => read({ [arn]: { ...lab, token: 'x' } }), /"token" must be one of endpoint, provider/);
  });

  test('reads the accelerator types that its GPUs stand for, and knows no others', () => {
    const read = (types: string) => readConfiguration({}, { HELICASE_ACCELERATOR_TYPES: types });
    assert.deepEqual(read('nvidia-l4, nvidia-tesla-t4').acceleratorTypes, ['nvidia-l4', 'nvidia-tesla-t4']);
    assert.throws(
      () => read('nvidia-h100'),
      /acceleratorTypes: The accelerator type "nvidia-h100" is not known/,
    );
  });

  test('reads networks of runs, and says what is wrong with one', () => {
    const lab = { account: '111122223333', networkNamespace: '/run/netns/lab' };
    const read = (subnets: object) => readConfiguration({ subnets: JSON.stringify(subnets) }, {}).subnets;
    assert.deepEqual(read({ 'subnet-0a1b': lab }), { 'subnet-0a1b': lab });
    assert.throws(() => read({ lab }), /subnets: lab: the id must have the form subnet-0a1b2c/);
    assert.throws(() => read({ 'subnet-0a': { ...lab, account: '1' } }), /account must be one of 12 digits/);
    assert.throws(
      () => read({ 'subnet-0a': { account: lab.account } }),
      /must be the path of a network namespace/,
    );
  });

  test('reads the buckets of other S3 services, and which accounts may use them', () => {
    const access = { endpoint: 'https://s3.lab', accessKeyId: 'a', secretAccessKey: 'b' };
    const read = (...externalBuckets: readonly object[]) =>
      readConfiguration({ config: file({ externalBuckets }) }, {}).externalBuckets;
    const [all, some] = read(
      { prefix: 'lab-', ...access },
      { prefix: 'east-', ...access, accounts: ['111122223333'] },
    );
    const { endpoint, ...keys } = access;
    assert.deepEqual(all, { prefix: 'lab-', endpoint, region: 'us-east-1', credentials: keys });
    assert.deepEqual(some, { ...all, prefix: 'east-', accounts: ['111122223333'] });
    assert.throws(
      () => read({ prefix: 'east-', ...access, accounts: '111122223333' }),
      /externalBuckets\[0\]\.accounts must be a list of account ids/,
    );
    assert.throws(
      () => read({ prefix: 'east-', ...access, account: ['111122223333'] }),
      /externalBuckets\[0\] has no member "account": it has prefix, endpoint, region, accessKeyId, secretAccessKey, accounts/,
    );
  });

  test('refuses an option in the file that it does not know, and lists the ones it does', () => {
    const config = file({ prot: 1 });
    assert.throws(() => readConfiguration({ config }, {}), /"prot" is no option; the options are host, port/);
  });
});
