import { openWorld } from './world.ts';

/** A process that works on a folder's import jobs until it is killed: the crash tests' victim. Says `ready` once it claims jobs. */
const world = await openWorld({ folder: process.argv[2]! });
process.stdout.write('ready\n');
process.stdin.on('end', () => void world.close()).resume();
