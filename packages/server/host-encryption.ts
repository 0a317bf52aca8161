import { existsSync, readFileSync } from 'node:fs';

/** Whether a folder lies on a disk that the host encrypts, as far as Linux tells. */
export type HostEncryption = 'encrypted' | 'not seen' | 'unknown';

/**
 * Looks up the folder's mount in /proc/self/mountinfo and asks device mapper whether the block device, or one below
 * it, is dm-crypt (its uuid begins with CRYPT-). Encryption below the machine (a cloud disk) cannot be seen.
 */
export function hostEncryption(
  folder: string,
  mountinfo = '/proc/self/mountinfo',
  block = '/sys/dev/block',
): HostEncryption {
  if (!existsSync(mountinfo)) return 'unknown';
  const device = deviceOf(folder, readFileSync(mountinfo, 'utf8'));
  if (device === undefined) return 'unknown';
  return isEncrypted(`${block}/${device}`) ? 'encrypted' : 'not seen';
}

/** `major:minor` of the mount that holds the folder: the longest mount point that is a prefix of it. */
function deviceOf(folder: string, mountinfo: string): string | undefined {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [, , device, , point] = line.split(' ');
    return device && point ? [{ device, point }] : [];
  });
  const holds = (point: string) => point === '/' || folder === point || folder.startsWith(`${point}/`);
  return mounts.filter(({ point }) => holds(point)).sort((a, b) => b.point.length - a.point.length)[0]
    ?.device;
}

function isEncrypted(device: string): boolean {
  const uuid = `${device}/dm/uuid`;
  return existsSync(uuid) && readFileSync(uuid, 'utf8').startsWith('CRYPT-');
}
