import { resolve } from 'node:path';
import { GetRunTaskCommand, OmicsClient, paginateListRunTasks } from '@aws-sdk/client-omics';
import { readCredentials, readEndpoint } from '@helicase/server';

export interface WhyNotCached {
  /** The server's data directory: where it listens and who may ask. */
  readonly data: string;
  readonly run: string;
  /** Its id, or its name. */
  readonly task: string;
}

/** One sentence: where a task's result came from, or how what determines it differs from what the run cache had. */
export async function whyNotCached({ data, run, task }: WhyNotCached): Promise<string> {
  const omics = openClient(data);
  const taskId = /^\d+$/.test(task) ? task : await taskOfName(omics, run, task);
  const { cacheHit, cacheS3Uri, status, statusMessage } = await omics.send(
    new GetRunTaskCommand({ id: run, taskId }),
  );
  if (cacheHit) return `Cached: its files are at ${cacheS3Uri}.`;
  if (status !== 'COMPLETED') return `The task is ${status}; only finished tasks are in a cache.`;
  return statusMessage ?? 'Not cached: the run has no run cache.';
}

async function taskOfName(client: OmicsClient, id: string, name: string): Promise<string> {
  for await (const { items } of paginateListRunTasks({ client }, { id })) {
    const found = items?.find((item) => item.name === name);
    if (found) return found.taskId!;
  }
  throw new Error(`run ${id} has no task named ${name}`);
}

function openClient(data: string): OmicsClient {
  const folder = resolve(data);
  const credentials = readCredentials(folder);
  const endpoint = readEndpoint(folder)?.urls[0];
  if (!credentials || endpoint === undefined) {
    throw new Error(`no server runs on ${folder}: name its data directory with --data`);
  }
  return new OmicsClient({ endpoint, credentials, region: credentials.region, disableHostPrefix: true });
}
