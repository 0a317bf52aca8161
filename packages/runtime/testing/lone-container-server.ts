/**
 * Runs one container task and waits to be killed: `lone-container-server.ts <folder> <owner> <attempt> <seconds, 0 for
 * no limit> <script>`. Prints `started` when the container was started and `ended` when its outcome is there.
 */
import { ACTOR } from './actor.ts';
import { testContainers } from './container-runner.ts';
import { FOUND_IMAGE, shellTask } from './shell-task.ts';

const [directory, owner, attemptId, limit, script] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const request = shellTask(script, { image: FOUND_IMAGE });
const seconds = Number(limit);
await testContainers(directory, owner).runner.run({
  ...{ runId: 'run', attemptId, actor: ACTOR },
  request: {
    ...request,
    resources: { ...request.resources, ...(seconds > 0 ? { timeoutSeconds: seconds } : {}) },
  },
  onStarted: () => process.stdout.write('started\n'),
});
process.stdout.write('ended\n');
await new Promise((resolve) => setTimeout(resolve, 60_000));
