import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, DataDirectoryRefused } from './data-directory.ts';

/** Whether a folder lies on a disk that the host encrypts, as far as Linux tells. */
export type HostEncryption = 'encrypted' | 'not seen' | 'unknown';

/** Where Linux tells of it. */
export interface HostFacts {
  readonly mountinfo: string;
  readonly block: string;
  /** What `lsattr -d FOLDER` prints; empty where it cannot. */
  attributes(folder: string): string;
  /** `major:minor` of a device file; undefined where it is none. */
  device(path: string): string | undefined;
}

const LINUX: HostFacts = {
  mountinfo: '/proc/self/mountinfo',
  block: '/sys/dev/block',
  attributes: (folder) =>
    spawnSync('lsattr', ['-d', folder], { encoding: 'utf8', timeout: 5_000 }).stdout ?? '',
  device(path) {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (!facts?.isBlockDevice()) return undefined;
    // makedev(3): twelve bits of the major and twenty of the minor number, interleaved.
    const { rdev } = facts;
    return `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`;
  },
};

/**
 * Looks up the folder's mount in /proc/self/mountinfo and asks device mapper whether the block device, or every one
 * below it (LVM, RAID), is dm-crypt: its uuid begins with CRYPT-. Else whether the folder itself is encrypted by its
 * file system (fscrypt: the attribute E). Encryption below the machine (a cloud disk) cannot be seen.
 */
export function hostEncryption(folder: string, host: HostFacts = LINUX): HostEncryption {
  if (!existsSync(host.mountinfo)) return 'unknown';
  const real = existsSync(folder) ? realpathSync(folder) : folder;
  const device = deviceOf(real, host);
  if (device !== undefined && isEncrypted(join(host.block, device))) return 'encrypted';
  if (host.attributes(real).split(' ')[0]?.includes('E')) return 'encrypted';
  return device === undefined ? 'unknown' : 'not seen';
}

/** Throws DataDirectoryRefused unless all that runs and readers hold unsealed lies on an encrypted file system. */
export function requireEncryption({ runs, scratch }: DataDirectory, host: HostFacts = LINUX): void {
  for (const folder of [runs, scratch]) {
    if (hostEncryption(folder, host) === 'encrypted') continue;
    throw new DataDirectoryRefused(
      `The configuration requires an encrypted file system for scratch (requireEncryptedScratch), and ${folder} is not seen to lie on one: ` +
        'neither dm-crypt (LUKS) below its mount nor fscrypt on the folder. Mount an encrypted file system there, or move --data onto one; ' +
        'a disk that encrypts itself below this machine cannot be seen: for such a disk leave the option out.',
    );
  }
}

/** `major:minor` of the mount that holds the folder: of those with the longest fitting mount point, the last. */
function deviceOf(folder: string, { device, mountinfo }: HostFacts): string | undefined {
  const mounts = readFileSync(mountinfo, 'utf8').split('\n').flatMap(mountOf);
  const holds = (point: string) => point === '/' || folder === point || folder.startsWith(`${point}/`);
  const longest = mounts
    .toReversed()
    .filter(({ point }) => holds(point))
    .sort((a, b) => b.point.length - a.point.length)[0];
  if (!longest) return undefined;
  // Btrfs and ZFS number their mounts by themselves (major 0); what they lie on is the mount's source.
  return longest.device.startsWith('0:') ? device(longest.source) : longest.device;
}

/** proc_pid_mountinfo(5): after the dash the file system's type and the source. */
function mountOf(
  line: string,
): { readonly device: string; readonly point: string; readonly source: string }[] {
  const [mount = '', beneath = ''] = line.split(' - ');
  const [, , device, , point] = mount.split(' ');
  const [, source = ''] = beneath.split(' ');
  return device && point ? [{ device, point: unescaped(point), source: unescaped(source) }] : [];
}

/** Space, tab, line feed and backslash are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

function isEncrypted(device: string): boolean {
  const uuid = join(device, 'dm/uuid');
  if (existsSync(uuid) && readFileSync(uuid, 'utf8').startsWith('CRYPT-')) return true;
  const slaves = join(device, 'slaves');
  const below = existsSync(slaves) ? readdirSync(slaves) : [];
  return below.length > 0 && below.every((name) => isEncrypted(join(slaves, name)));
}
