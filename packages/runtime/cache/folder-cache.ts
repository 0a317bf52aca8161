import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../cgroup/files.ts';
import { writeDurably } from '../process/write-durably.ts';
import type { TaskOutcome } from '../task.ts';
import type { KeptTask, TaskCache } from './task-cache.ts';
import type { TaskKey } from './task-key.ts';

/** Grows when a member changes meaning; what a newer version kept is not read. */
const RECORD_VERSION = 1;
const MOST_KEYS_OF_A_CALL = 100;

type Record = KeptTask & { readonly version: number };

/**
 * Records of finished tasks in a folder: `ab/abcdef....json`, and by call a list of digests. The tasks' files stay where
 * they ran; whoever removes them makes their tasks run again.
 */
export function folderCache(directory: string): TaskCache {
  const recordPath = (digest: string) => join(directory, digest.slice(0, 2), `${digest}.json`);
  const callPath = (call: string) =>
    join(directory, 'calls', createHash('sha256').update(call).digest('hex').slice(0, 32));
  // Two tasks that are the same may end at the same time: one record is enough.
  const keeping = new Set<string>();
  return {
    async take(digest) {
      const record = await readRecord(recordPath(digest));
      return record && (await filesAreThere(record.outcome)) ? record.outcome : undefined;
    },
    async keep(kept) {
      const { digest } = kept.key;
      if (keeping.has(digest)) return;
      keeping.add(digest);
      const path = recordPath(digest);
      await mkdir(dirname(path), { recursive: true });
      await writeDurably(path, JSON.stringify({ version: RECORD_VERSION, ...kept })).finally(() =>
        keeping.delete(digest),
      );
      await mkdir(join(directory, 'calls'), { recursive: true });
      await appendFile(callPath(kept.call), `${kept.key.digest}\n`);
    },
    async keysOf(call) {
      const digests = ((await readIfThere(callPath(call))) ?? '').split('\n').filter(Boolean);
      const newest = [...new Set(digests.toReversed())].slice(0, MOST_KEYS_OF_A_CALL);
      const records = await Promise.all(newest.map((digest) => readRecord(recordPath(digest))));
      return records.flatMap((record): TaskKey[] => (record ? [record.key] : []));
    },
  };
}

async function readRecord(path: string): Promise<Record | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as Record;
  return record.version <= RECORD_VERSION ? record : undefined;
}

async function filesAreThere({ stderrPath, stdoutPath, workDirectory }: TaskOutcome): Promise<boolean> {
  const found = await Promise.allSettled([workDirectory, stdoutPath, stderrPath].map((path) => stat(path)));
  return found.every(({ status }) => status === 'fulfilled');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
