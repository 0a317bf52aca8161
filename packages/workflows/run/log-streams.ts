import type { Scope } from '@helicase/kernel';

/** The guide's names: one group for every run, streams by run, engine, task and manifest. */
export const LOG_GROUP = '/aws/omics/WorkflowLog';

export const logStreams = {
  run: (runId: string) => `run/${runId}`,
  engine: (runId: string) => `run/${runId}/engine`,
  task: (runId: string, taskId: string) => `run/${runId}/task/${taskId}`,
  manifest: (runId: string, uuid: string) => `manifest/run/${runId}/${uuid}`,
};

export function logStreamArn(scope: Scope, stream: string): string {
  return `arn:aws:logs:${scope.region}:${scope.account}:log-group:${LOG_GROUP}:log-stream:${stream}`;
}
