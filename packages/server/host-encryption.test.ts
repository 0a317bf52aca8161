import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { dataDirectory } from './data-directory.ts';
import { type HostFacts, hostEncryption, requireEncryption } from './host-encryption.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-mounts-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// Lines as the kernel writes them: a root on a plain partition, /srv on dm-crypt, a logical volume on dm-crypt and one
// over two disks of which one is plain, Btrfs (major 0) on dm-crypt, memory, and a mount over another.
const mountinfo = join(folder, 'mountinfo');
writeFileSync(
  mountinfo,
  [
    '26 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw',
    '31 26 253:0 / /srv rw,relatime - ext4 /dev/mapper/data rw',
    '32 26 253:1 / /volume rw,relatime - xfs /dev/mapper/group-volume rw',
    '33 26 253:2 / /half rw,relatime - xfs /dev/mapper/group-half rw',
    '34 26 0:44 /@data /btrfs\\040disk rw,relatime - btrfs /dev/mapper/data rw',
    '35 31 0:45 / /srv/memory rw,relatime - tmpfs tmpfs rw',
    '36 26 253:0 / /twice rw,relatime - ext4 /dev/mapper/data rw',
    '37 26 254:1 / /twice rw,relatime - ext4 /dev/vda1 rw',
    '',
  ].join('\n'),
);
device('254:1', {});
device('253:0', { uuid: 'CRYPT-LUKS2-0123456789abcdef-data' });
device('253:1', { uuid: 'LVM-abc', slaves: { 'dm-0': 'CRYPT-LUKS2-0123456789abcdef-data' } });
device('253:2', { uuid: 'LVM-def', slaves: { 'dm-0': 'CRYPT-LUKS2-0123456789abcdef-data', sdb: undefined } });

const host: HostFacts = {
  mountinfo,
  block: join(folder, 'block'),
  // e2fsprogs: E is a folder that fscrypt encrypts, e one that uses extents.
  attributes: (path) =>
    path === '/home/vault' ? '-----------E--e------- /home/vault\n' : '--------------e------- /\n',
  device: (path) => (path === '/dev/mapper/data' ? '253:0' : undefined),
};

/** As below /sys/dev/block. */
function device(
  name: string,
  { slaves = {}, uuid }: { readonly uuid?: string; readonly slaves?: Record<string, string | undefined> },
): void {
  const path = join(folder, 'block', name);
  mkdirSync(join(path, 'slaves'), { recursive: true });
  const write = (place: string, value: string | undefined) => {
    mkdirSync(join(place, 'dm'), { recursive: true });
    if (value !== undefined) writeFileSync(join(place, 'dm/uuid'), `${value}\n`);
  };
  write(path, uuid);
  for (const [slave, value] of Object.entries(slaves)) write(join(path, 'slaves', slave), value);
}

describe('encryption of the host’s disk', () => {
  test('is seen where the folder’s mount is dm-crypt, and not on its neighbour', () => {
    assert.equal(hostEncryption('/srv/helicase', host), 'encrypted');
    assert.equal(hostEncryption('/home/user', host), 'not seen');
    assert.equal(hostEncryption('/srvelse', host), 'not seen');
  });

  test('is seen through logical volumes, where every disk below is encrypted', () => {
    assert.equal(hostEncryption('/volume/runs', host), 'encrypted');
    assert.equal(hostEncryption('/half/runs', host), 'not seen');
  });

  test('is seen below Btrfs, by the mount’s source', () => {
    assert.equal(hostEncryption('/btrfs disk/runs', host), 'encrypted');
  });

  test('is that of the mount on top', () => {
    assert.equal(hostEncryption('/twice/runs', host), 'not seen');
    assert.equal(hostEncryption('/srv/memory/runs', host), 'unknown');
  });

  test('is seen on a folder that its file system encrypts (fscrypt)', () => {
    assert.equal(hostEncryption('/home/vault', host), 'encrypted');
  });

  test('is unknown where there is no such table', () => {
    assert.equal(hostEncryption('/srv', { ...host, mountinfo: join(folder, 'absent') }), 'unknown');
  });

  test('can be required: a server whose scratch lies plain does not start, and says which folder', () => {
    assert.doesNotThrow(() => requireEncryption(dataDirectory('/srv/helicase'), host));
    assert.throws(
      () => requireEncryption(dataDirectory('/home/user/data'), host),
      /requireEncryptedScratch\), and \/home\/user\/data\/runs is not seen to lie on one/,
    );
  });
});
