import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestVault } from '@helicase/blobs';
import { openChunk, sealChunk } from './chunk.ts';

const scope = { account: '111122223333', region: 'us-east-1' };
const place = { account: '111122223333', region: 'us-east-1', group_name: 'g', stream_name: 's' };
const times = { first_at: 1, last_at: 2, ingested_at: 3 };

test('a chunk gives its lines back, and neither they nor their compressed form lie plain in it', async () => {
  const { close, keyring } = await openTestVault();
  const events = [
    { timestamp: 1, message: 'patient Ada Lovelace' },
    { timestamp: 2, message: 'ünïcode \u{1F9EC} and "quotes"' },
  ];
  const { keyId, sealed } = await sealChunk(keyring, scope, events);
  assert.ok(!Buffer.from(sealed).includes('Ada'));
  const row = { id: '1', ...place, ...times, key_id: keyId, sealed };
  const opened = await openChunk(keyring, row);
  assert.deepEqual(
    opened.events().map(({ message, timestamp }) => ({ timestamp, message })),
    events,
  );
  const holds = (...anyOf: string[]) => opened.mayHold([anyOf]);
  assert.ok(holds('and "quotes"') && holds('\u{1F9EC}') && holds('nobody', 'Ada') && opened.mayHold([]));
  assert.ok(!holds('Grace') && !opened.mayHold([['Ada'], ['Grace']]));
  assert.ok(holds('\u{1F9EC}'.slice(1)), 'half a character may stand there');
  const altered = Uint8Array.from(sealed, (byte, index) => (index === sealed.length - 1 ? byte ^ 1 : byte));
  await assert.rejects(openChunk(keyring, { ...row, sealed: altered }));
  await close();
});
