import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateWorkflowCommand,
  GetRunCommand,
  GetRunTaskCommand,
  GetWorkflowCommand,
  ListRunTasksCommand,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { hostGpus } from '@helicase/runtime';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { BUSYBOX } from '../packages/runtime/testing/busybox-image.ts';
import { buildGpuLook, makeGpuImage } from '../packages/runtime/testing/gpu-image.ts';
import { GPU_CWL, gpuNextflow, gpuWdl } from './guide-gpu.ts';
import { finished, openWorld, until, type World } from './world.ts';

// The guide's three examples of GPUs, on whatever NVIDIA GPU this machine has: the operator lets it stand for the types
// that they ask for. Their image is made here, with the C library and without anything of NVIDIA's.

const IMAGE = '111122223333.dkr.ecr.us-west-2.amazonaws.com/nvidia/cuda:10.0-devel-centos7';

const [gpu] = hostGpus();
const withoutImages =
  (process.getuid?.() === 0 ? false : 'images are unpacked by root') ||
  (existsSync(BUSYBOX) ? false : 'busybox-static is not installed') ||
  (['umoci', 'skopeo', 'runc'].find((program) => spawnSync(program, ['--version']).error !== undefined) ??
    false);

describe(
  'the guide’s workflows with a GPU',
  { skip: gpu === undefined && 'this machine has no NVIDIA GPU', timeout: 300_000 },
  () => {
    let world: World;
    let clients: Clients;
    let roleArn: string;
    before(async () => {
      world = await openWorld(['--accelerator-types', 'nvidia-tesla-t4,nvidia-tesla-t4-a10g']);
      clients = awsClients(world.server.url, world.credentials);
      await clients.s3.send(new CreateBucketCommand({ Bucket: 'gpu' }));
      roleArn = await createJobRole(clients.iam, 'Runner', 'gpu');
      if (withoutImages) return;
      const program = join(world.folder, 'gpu-look');
      await buildGpuLook(program);
      await makeGpuImage(join(world.folder, 'image'), {
        ...{ program, name: IMAGE },
        images: join(world.data, 'images'),
      });
    });
    after(() => world.close());

    /** What the task with this name wrote, of a run that completed. */
    const written = async (engine: 'WDL' | 'NEXTFLOW' | 'CWL', main: string, text: string, task: string) => {
      const { omics, logs } = clients;
      const definitionZip = zipSync({ [main]: new TextEncoder().encode(text) });
      const made = await omics.send(
        new CreateWorkflowCommand({ name: 'gpu', engine, main, definitionZip, accelerators: 'GPU' }),
      );
      const workflowId = made.id!;
      await until(() => omics.send(new GetWorkflowCommand({ id: workflowId })), finished);
      const { id } = await omics.send(
        new StartRunCommand({ workflowId, roleArn, outputUri: 's3://gpu/out', parameters: {} }),
      );
      const run = await until(() => omics.send(new GetRunCommand({ id: id! })), finished);
      assert.equal(run.status, 'COMPLETED', run.statusMessage);
      assert.equal(run.accelerators, 'GPU');
      const { items } = await omics.send(new ListRunTasksCommand({ id: id! }));
      const found = items!.find(({ name }) => name?.endsWith(task))!;
      const told = await omics.send(new GetRunTaskCommand({ id: id!, taskId: found.taskId! }));
      assert.equal(told.gpus, 1);
      const { events } = await logs.send(
        new GetLogEventsCommand({
          logGroupName: '/aws/omics/WorkflowLog',
          logStreamName: `run/${id}/task/${found.taskId}`,
          startFromHead: true,
        }),
      );
      return events!.map(({ message }) => message).join('\n');
    };

    test('WDL: acceleratorCount and acceleratorType, in a container', { skip: withoutImages }, async () => {
      const text = await written('WDL', 'main.wdl', gpuWdl(IMAGE), 'nvidia_smi');
      assert.ok(text.includes(gpu!.model), text);
    });

    test('Nextflow: accelerator, in a container', { skip: withoutImages }, async () => {
      const text = await written('NEXTFLOW', 'main.nf', gpuNextflow(IMAGE), 'nvidia_smi');
      assert.ok(text.includes(gpu!.model), text);
    });

    test('CWL: cwltool:CUDARequirement, with the programs of this machine', async () => {
      const text = await written('CWL', 'main.cwl', GPU_CWL, 'main');
      assert.ok(text.includes(gpu!.model), text);
    });
  },
);
