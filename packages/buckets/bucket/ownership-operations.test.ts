import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeProtocol } from '../testing/suite.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html, "Bucket owner enforced".
describeProtocol('a bucket belongs to its account', ({ ask, expectError }) => {
  before(async () => {
    await ask('PUT', '/owned');
    await ask('PUT', '/owned/reads', { body: 'x' });
  });

  test('which alone has full control of it and of everything in it', async () => {
    const list = await (await ask('GET', '/owned?acl')).text();
    assert.equal(await (await ask('GET', '/owned/reads?acl')).text(), list);
    const owner = /<Owner><ID>([0-9a-f]{64})<\/ID><\/Owner>/.exec(list)?.[1];
    assert.ok(owner && list.includes(`xsi:type="CanonicalUser"><ID>${owner}</ID></Grantee>`));
    assert.deepEqual(list.match(/<Permission>.*?<\/Permission>/g), ['<Permission>FULL_CONTROL</Permission>']);
    await expectError(await ask('GET', '/owned/nothing?acl'), 404, 'NoSuchKey');
    const controls = await (await ask('GET', '/owned?ownershipControls')).text();
    assert.ok(controls.includes('<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>'));
  });

  test('may say so again, and nothing else', async () => {
    const list = await (await ask('GET', '/owned?acl')).text();
    assert.equal((await ask('PUT', '/owned?acl', { body: list })).status, 200);
    assert.equal((await ask('PUT', '/owned/reads?acl', { headers: { 'x-amz-acl': 'private' } })).status, 200);
    const refused = [
      ask('PUT', '/owned?acl', { headers: { 'x-amz-acl': 'public-read' } }),
      ask('PUT', '/owned?acl', { headers: { 'x-amz-grant-read': 'id="somebody"' } }),
      ask('PUT', '/owned?acl', { body: list.replace('FULL_CONTROL', 'READ') }),
      ask('PUT', '/owned/reads?acl', { body: list.replaceAll(/<ID>./g, '<ID>g') }),
    ];
    for (const answer of refused) await expectError(await answer, 400, 'AccessControlListNotSupported');
    await expectError(await ask('PUT', '/owned?acl'), 400, 'MissingSecurityHeader');
    const writer =
      '<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>';
    await expectError(await ask('PUT', '/owned?ownershipControls', { body: writer }), 501, 'NotImplemented');
  });

  test('is not opened to those without a key', async () => {
    const block = await (await ask('GET', '/owned?publicAccessBlock')).text();
    assert.equal(block.match(/>true</g)?.length, 4);
    assert.equal((await ask('PUT', '/owned?publicAccessBlock', { body: block })).status, 200);
    const body = block.replace('>true<', '>false<');
    await expectError(await ask('PUT', '/owned?publicAccessBlock', { body }), 501, 'NotImplemented');
  });
});
