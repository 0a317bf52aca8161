/**
 * A server of its own for the crash tests: `node testing-server.ts <folder> <owner> <definition.wdl>` registers the
 * definition, starts a run of it, prints `run <id>` and works until it is killed.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { CreateWorkflowResponse, GetWorkflowResponse, StartRunResponse } from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { ROLE } from './testing.ts';
import { openTestRoom } from './testing-room.ts';

const [folder, owner, definition] = process.argv.slice(2);
const room = await openTestRoom({ folder: folder!, owner: owner! });
await room.objects.makeBucket('bucket');
const definitionZip = zipSync({ 'main.wdl': new Uint8Array(readFileSync(definition!)) });
const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', { engine: 'WDL', definitionZip });
while ((await room.call<GetWorkflowResponse>('GetWorkflow', { id })).status === 'CREATING') await delay(10);
const run = await room.call<StartRunResponse>('StartRun', {
  workflowId: id,
  roleArn: ROLE,
  outputUri: 's3://bucket/out',
});
process.stdout.write(`run ${run.id}\n`);
