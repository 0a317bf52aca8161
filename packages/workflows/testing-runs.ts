import { setTimeout as delay } from 'node:timers/promises';
import type { CreateWorkflowResponse, GetRunResponse, GetWorkflowResponse } from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import type { TestRoom } from './testing-room.ts';

/** Asks until the answer is as wished. */
export async function until<T>(get: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (let waited = 0; waited < 300_000; waited += 20) {
    const answer = await get();
    if (done(answer)) return answer;
    await delay(20);
  }
  throw new Error(`still ${JSON.stringify(await get())}`);
}

/** A workflow of these files, once it is registered or refused. */
export async function register(
  room: TestRoom,
  files: Readonly<Record<string, string>>,
  members: object = {},
): Promise<GetWorkflowResponse> {
  const entries = Object.entries(files).map(
    ([name, text]) => [name, new TextEncoder().encode(text)] as const,
  );
  const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', {
    ...{ name: 'w', engine: 'WDL', definitionZip: zipSync(Object.fromEntries(entries)) },
    ...members,
  });
  return until(
    () => room.call<GetWorkflowResponse>('GetWorkflow', { id }),
    ({ status }) => status !== 'CREATING',
  );
}

export function ended(room: TestRoom, id: string | undefined): Promise<GetRunResponse> {
  return until(
    () => room.call<GetRunResponse>('GetRun', { id }),
    ({ status }) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status!),
  );
}
