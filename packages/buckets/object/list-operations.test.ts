import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { describeProtocol } from '../testing/suite.ts';

describeProtocol('lists', ({ ask, expectError }) => {
  const keysOf = (xml: string) => [...xml.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
  before(async () => {
    await ask('PUT', '/listed');
    for (const key of [
      'b',
      'B',
      'a',
      'a/1',
      'a/2',
      'a-1',
      'é',
      '_',
      '%F0%9F%A7%AC',
      '%EF%BF%AE',
      'x%20y',
      'x%01y',
    ])
      await ask('PUT', `/listed/${key}`, { body: key });
  });

  test('are in the order of the UTF-8 bytes, on every database', async () => {
    const keys = keysOf(await (await ask('GET', '/listed?list-type=2')).text());
    assert.deepEqual(keys, [
      'B',
      '_',
      'a',
      'a-1',
      'a/1',
      'a/2',
      'b',
      'x&#x1;y',
      'x y',
      'é',
      '\uffee',
      '\u{1f9ec}',
    ]);
  });

  test('go on by token, by start-after and by marker', async () => {
    const all: string[] = [];
    for (let token = ''; ;) {
      const query = `/listed?list-type=2&max-keys=5${token && `&continuation-token=${encodeURIComponent(token)}`}`;
      const xml = await (await ask('GET', query)).text();
      all.push(...(keysOf(xml) as string[]));
      token = /<NextContinuationToken>(.*?)</.exec(xml)?.[1] ?? '';
      assert.equal(token !== '', xml.includes('<IsTruncated>true</IsTruncated>'));
      if (token === '') break;
    }
    assert.equal(all.length, 12);
    assert.deepEqual(
      keysOf(await (await ask('GET', '/listed?list-type=2&start-after=b')).text()).slice(0, 1),
      ['x&#x1;y'],
    );
    assert.deepEqual(keysOf(await (await ask('GET', '/listed?marker=a/1&max-keys=2')).text()), ['a/2', 'b']);
    await expectError(await ask('GET', '/listed?list-type=2&continuation-token=zzz'), 400, 'InvalidArgument');
    await expectError(await ask('GET', '/listed?max-keys=-1'), 400, 'InvalidArgument');
  });

  test('group by delimiter and encode keys where asked', async () => {
    const grouped = await (await ask('GET', '/listed?list-type=2&delimiter=/&prefix=a')).text();
    assert.deepEqual(keysOf(grouped), ['a', 'a-1']);
    assert.match(grouped, /<CommonPrefixes><Prefix>a\/<\/Prefix><\/CommonPrefixes>/);
    const encoded = await (await ask('GET', '/listed?encoding-type=url&prefix=x')).text();
    assert.deepEqual(keysOf(encoded), ['x%01y', 'x%20y']);
    assert.match(encoded, /<EncodingType>url<\/EncodingType>/);
  });

  test('of versions give each object as its only one, page by page', async () => {
    const first = await (await ask('GET', '/listed?versions&max-keys=7')).text();
    assert.ok(first.includes('<IsTruncated>true</IsTruncated>'));
    const marker = /<NextKeyMarker>(.*?)</.exec(first)![1];
    assert.match(first, /<VersionId>null<\/VersionId><IsLatest>true<\/IsLatest>/);
    const next = `/listed?versions&key-marker=${marker}&version-id-marker=null`;
    const rest = await (await ask('GET', next)).text();
    const all = keysOf(await (await ask('GET', '/listed?list-type=2')).text());
    assert.deepEqual([...keysOf(first), ...keysOf(rest)], all);
    await expectError(await ask('GET', '/listed?versions&version-id-marker=null'), 400, 'InvalidArgument');
  });
});
