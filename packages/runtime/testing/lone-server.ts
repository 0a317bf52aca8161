import { join } from 'node:path';
import { MEBIBYTE, testSandbox } from './testing.ts';
import { ACTOR } from './actor.ts';

/** Starts one long task and waits to be killed: `lone-server.ts <attempt folder> <owner>`. */
const [attempt, owner] = process.argv.slice(2) as [string, string];
const running = await testSandbox(attempt, owner).start({
  attemptId: 'lost-attempt',
  actor: ACTOR,
  argv: ['sh', '-c', 'trap "" TERM HUP; sleep 62.5 & sleep 62.5'],
  environment: {},
  workDirectory: '/work',
  mounts: [{ source: join(attempt, 'work'), target: '/work', readOnly: false }],
  resources: { cpus: 1, memoryBytes: 64 * MEBIBYTE },
  network: false,
  stdoutPath: join(attempt, 'stdout'),
  stderrPath: join(attempt, 'stderr'),
});
process.stdout.write('started\n');
await running.exit;
