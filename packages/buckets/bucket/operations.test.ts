import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTHER, WEST } from '../testing/rooms.ts';
import { describeProtocol } from '../testing/suite.ts';

describeProtocol('buckets', ({ ask, expectError, everythingAccountedFor }) => {
  test('are made, listed, found and deleted', async () => {
    assert.equal((await ask('PUT', '/first-bucket')).status, 200);
    const list = await (await ask('GET', '/')).text();
    assert.match(list, /<Bucket><Name>first-bucket<\/Name><CreationDate>20\d\d-/);
    const head = await ask('HEAD', '/first-bucket');
    assert.equal(head.headers.get('x-amz-bucket-region'), 'us-east-1');
    assert.equal((await ask('DELETE', '/first-bucket')).status, 204);
    assert.equal((await ask('HEAD', '/first-bucket')).status, 404);
    await expectError(await ask('DELETE', '/first-bucket'), 404, 'NoSuchBucket');
  });

  test('have one owner: another account sees nothing and may do nothing', async () => {
    await expectError(await ask('PUT', '/reads', { scope: OTHER }), 409, 'BucketAlreadyExists');
    await expectError(await ask('GET', '/reads', { scope: OTHER }), 403, 'AccessDenied');
    await expectError(await ask('PUT', '/reads/x', { scope: OTHER, body: 'x' }), 403, 'AccessDenied');
    assert.doesNotMatch(await (await ask('GET', '/', { scope: OTHER })).text(), /reads/);
  });

  test('live in a region, and another one is told where they are', async () => {
    const body =
      '<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>';
    assert.equal((await ask('PUT', '/western', { scope: WEST, body })).status, 200);
    const answer = await ask('GET', '/western');
    assert.equal(answer.headers.get('x-amz-bucket-region'), 'eu-west-1');
    await expectError(answer, 301, 'PermanentRedirect');
    const location = await (await ask('GET', '/western?location', { scope: WEST })).text();
    assert.match(location, /<LocationConstraint xmlns="[^"]+">eu-west-1<\/LocationConstraint>/);
    await expectError(await ask('PUT', '/western', { scope: WEST, body }), 409, 'BucketAlreadyOwnedByYou');
    await expectError(await ask('PUT', '/w2', { scope: WEST }), 400, 'InvalidBucketName');
    await expectError(await ask('PUT', '/west-2', { body }), 400, 'IllegalLocationConstraintException');
  });

  test('answer that they are not versioned, and refuse what they do not do by its name', async () => {
    const versioning = await (await ask('GET', '/reads?versioning')).text();
    assert.match(versioning, /<VersioningConfiguration xmlns="[^"]+"><\/VersioningConfiguration>/);
    const refused = await expectError(await ask('GET', '/reads?lifecycle'), 501, 'NotImplemented');
    assert.match(refused, /lifecycle/);
    await expectError(await ask('PUT', '/reads/x?legal-hold', { body: 'x' }), 501, 'NotImplemented');
    await expectError(await ask('GET', '/reads?website'), 501, 'NotImplemented');
    await expectError(await ask('PUT', '/reads/x?unheard&retention', { body: 'x' }), 501, 'NotImplemented');
    await expectError(await ask('POST', '/reads', { body: 'x' }), 405, 'MethodNotAllowed');
  });

  test('are not deleted while they hold objects; unfinished uploads go with them', async () => {
    await ask('PUT', '/full-bucket');
    await ask('PUT', '/full-bucket/a', { body: 'a' });
    await expectError(await ask('DELETE', '/full-bucket'), 409, 'BucketNotEmpty');
    const begun = await (await ask('POST', '/full-bucket/b?uploads')).text();
    const id = /<UploadId>(.*?)<\/UploadId>/.exec(begun)![1]!;
    await ask('PUT', `/full-bucket/b?partNumber=1&uploadId=${id}`, { body: 'b' });
    await ask('DELETE', '/full-bucket/a');
    assert.equal((await ask('DELETE', '/full-bucket')).status, 204);
    await everythingAccountedFor();
  });
});
