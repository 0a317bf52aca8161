/**
 * A server for `crash-moments.ts`: `<folder> <owner> start <definition.wdl>` or `<folder> <owner> resume`. Prints `ready`,
 * then `ended <status>` when the one run of the folder has ended, and stops in order.
 */
import { readFileSync } from 'node:fs';
import type { ListRunsResponse } from '@aws-sdk/client-omics';
import { ROLE } from './testing.ts';
import { openTestRoom } from './testing-room.ts';
import { ended, register } from './testing-runs.ts';

const [folder, owner, how, definition] = process.argv.slice(2);
const room = await openTestRoom({
  ...{ folder: folder!, owner: owner! },
  capacity: { cpus: 4, memoryBytes: 2 ** 34 },
});
await room.objects.makeBucket('bucket');
if (how === 'start') {
  const { id: workflowId } = await register(room, { 'main.wdl': readFileSync(definition!, 'utf8') });
  await room.call('StartRun', { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out' });
}
process.stdout.write('ready\n');
const { items } = await room.call<ListRunsResponse>('ListRuns', {});
const { status } = await ended(room, items![0]!.id);
process.stdout.write(`ended ${status}\n`);
await room.close();
