import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hostEncryption } from './host-encryption.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-mounts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Two lines of a real /proc/self/mountinfo: a root on a plain partition, /srv on dm-crypt.
const mountinfo = join(folder, 'mountinfo');
writeFileSync(
  mountinfo,
  '26 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n31 26 253:0 / /srv rw,relatime - ext4 /dev/mapper/data rw\n',
);
mkdirSync(join(folder, 'block/254:1'), { recursive: true });
mkdirSync(join(folder, 'block/253:0/dm'), { recursive: true });
writeFileSync(join(folder, 'block/253:0/dm/uuid'), 'CRYPT-LUKS2-0123456789abcdef-data\n');

describe('encryption of the host’s disk', () => {
  test('is seen where the folder’s mount is dm-crypt, and not on its neighbour', () => {
    assert.equal(hostEncryption('/srv/helicase', mountinfo, join(folder, 'block')), 'encrypted');
    assert.equal(hostEncryption('/home/user', mountinfo, join(folder, 'block')), 'not seen');
    assert.equal(hostEncryption('/srvelse', mountinfo, join(folder, 'block')), 'not seen');
  });

  test('is unknown where there is no such table', () => {
    assert.equal(hostEncryption('/srv', join(folder, 'absent')), 'unknown');
  });
});
