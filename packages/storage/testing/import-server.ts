import { openWorld } from './world.ts';

/**
 * A process that works on a folder's jobs until it is killed: the crash tests' victim. Says `ready` once it claims jobs.
 * With `archive` it also archives whatever was not used for a millisecond, again and again.
 */
const [folder, archive] = process.argv.slice(2);
const world = await openWorld({ folder: folder!, ...(archive ? { archiveAfter: 1 } : {}) });
if (archive) setInterval(() => void world.storage.archiveIdle().catch(() => {}), 50);
process.stdout.write('ready\n');
process.stdin.on('end', () => void world.close().finally(() => process.exit())).resume();
