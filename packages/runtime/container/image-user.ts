import { readFile } from 'node:fs/promises';
import { ImageUnavailable } from './image-source.ts';
import { resolveWithin } from '../path-guard.ts';

export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
}

const HIGHEST_ID = 65_535;

/** `USER` of an image: a number or a name of its own /etc/passwd, perhaps with a group. Root where there is none. */
export async function imageUser(rootfs: string, user: string): Promise<ImageUser> {
  const [name = '', groupName] = user.split(':');
  if (name === '') return { uid: 0, gid: 0 };
  const person = await entry(rootfs, 'etc/passwd', name);
  const uid = person ? Number(person[2]) : Number(name);
  const group = groupName === undefined ? undefined : await entry(rootfs, 'etc/group', groupName);
  const gid = group
    ? Number(group[2])
    : groupName !== undefined
      ? Number(groupName)
      : Number(person?.[3] ?? 0);
  if ([uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id <= HIGHEST_ID)) return { uid, gid };
  throw new ImageUnavailable(
    `The image's user ${user} is neither in its /etc/passwd nor a number up to ${HIGHEST_ID}.`,
  );
}

/** passwd(5) and group(5): name first, id third. Looked up by name or by id. */
async function entry(rootfs: string, file: string, key: string): Promise<string[] | undefined> {
  // The image's own link must not lead to the host's files.
  const path = await resolveWithin(rootfs, file).catch(() => undefined);
  if (path === undefined) return undefined;
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.split(':'));
  return lines.find((fields) => fields[0] === key || fields[2] === key);
}
