import {
  CancelRunBatchCommand,
  CancelRunCommand,
  CreateConfigurationCommand,
  CreateRunCacheCommand,
  CreateRunGroupCommand,
  CreateWorkflowCommand,
  CreateWorkflowVersionCommand,
  DeleteBatchCommand,
  DeleteConfigurationCommand,
  DeleteRunBatchCommand,
  DeleteRunCacheCommand,
  DeleteRunCommand,
  DeleteRunGroupCommand,
  DeleteWorkflowCommand,
  DeleteWorkflowVersionCommand,
  GetBatchCommand,
  GetConfigurationCommand,
  GetRunCacheCommand,
  GetRunCommand,
  GetRunGroupCommand,
  GetRunTaskCommand,
  GetWorkflowCommand,
  GetWorkflowVersionCommand,
  ListBatchCommand,
  ListConfigurationsCommand,
  ListRunCachesCommand,
  ListRunGroupsCommand,
  ListRunsCommand,
  ListRunsInBatchCommand,
  ListRunTasksCommand,
  ListWorkflowsCommand,
  ListWorkflowVersionsCommand,
  type OmicsClient,
  StartRunBatchCommand,
  StartRunCommand,
  UpdateRunCacheCommand,
  UpdateRunGroupCommand,
  UpdateWorkflowCommand,
  UpdateWorkflowVersionCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { faultsOf } from './api-model/faults.ts';
import { readModel, withoutModel } from './api-model/model.ts';
import { observe, type Observer } from './api-model/observer.ts';
import { finished, openWorld, until, type World } from './world.ts';

// Every operation of the runs' part of the API, by what its answers are on the wire.

const WORKFLOW = `version 1.0
workflow Greet {
  input { String name = "you" }
  call say { input: name = name }
  output { String said = say.said }
}
task say {
  input { String name }
  command { echo ~{name} }
  output { String said = read_string(stdout()) }
  runtime { cpu: 1 memory: "1 GiB" }
}
`;
const RUNS = /Run|Batch$|Workflow|Configuration/;

describe('answers are held against the API model', { skip: withoutModel }, () => {
  const faults = (operation: string, status: number, body: object) => {
    const model = readModel();
    const found = model.operations.find(({ name }) => name === operation)!;
    return faultsOf(model, found, { status, body: Buffer.from(JSON.stringify(body)) });
  };

  test('the model has all 107 operations, and every type that they name', () => {
    assert.equal(readModel().operations.length, 107);
    assert.deepEqual(faults('GetRun', 200, {}), [], 'none of its members is required');
  });

  test('a wrong name, a wrong type, an unknown value and another status are told with their place', () => {
    const run = { id: 7, state: 'RUNNING', status: 'BUSY', creationTime: 1700000000, tags: { a: 1 } };
    assert.deepEqual(faults('GetRun', 202, run), [
      'status 202, not 200',
      'id: 7 is no str',
      'state is not in the model',
      'status: "BUSY" is no RunStatus',
      'creationTime: 1700000000 is no ts',
      'tags.a: 1 is no str',
    ]);
  });

  test('a required member that is absent is told, inside lists too', () => {
    const store = { id: '1234567890', arn: 'arn:aws:omics:us-east-1:123456789012:referenceStore/1234567890' };
    assert.deepEqual(faults('ListReferenceStores', 200, { referenceStores: [store] }), [
      'referenceStores[0].creationTime is required and absent',
    ]);
  });

  test('an error has a message and nothing else; an operation without an output answers nothing', () => {
    assert.deepEqual(faults('CancelRun', 404, { Message: 'no' }), [
      'error: no message',
      'error: Message is not in the model',
    ]);
    assert.deepEqual(faults('CancelRun', 202, {}), ['a body, where the model has no output']);
  });
});

describe(
  'all operations of workflows and runs answer as the API model has it',
  { skip: withoutModel },
  () => {
    let world: World;
    let observer: Observer;
    let omics: OmicsClient;
    let roleArn: string;
    const outputUri = 's3://shapes/out';
    before(async () => {
      world = await openWorld();
      observer = await observe(world.server.url);
      const clients = awsClients(observer.url, world.credentials);
      omics = clients.omics;
      await clients.s3.send(new CreateBucketCommand({ Bucket: 'shapes' }));
      roleArn = await createJobRole(clients.iam, 'Jobs', 'shapes');
    });
    after(async () => {
      await observer.close();
      await world.close();
    });

    const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(WORKFLOW) });
    const makeWorkflow = async () => {
      const { id } = await omics.send(
        new CreateWorkflowCommand({
          name: 'greet',
          definitionZip,
          description: 'd',
          readmeMarkdown: '# r',
          storageCapacity: 10,
          tags: { a: 'b' },
        }),
      );
      const get = new GetWorkflowCommand({ id, export: ['DEFINITION', 'README'] });
      await until(() => omics.send(get), finished);
      await omics.send(new UpdateWorkflowCommand({ id, description: 'other' }));
      await omics.send(new ListWorkflowsCommand({ type: 'PRIVATE' }));
      return id!;
    };
    const walkVersions = async (workflowId: string) => {
      const version = { workflowId, versionName: '2' };
      await omics.send(new CreateWorkflowVersionCommand({ ...version, definitionZip, tags: { a: 'b' } }));
      const get = new GetWorkflowVersionCommand({ ...version, export: ['DEFINITION', 'README'] });
      await until(() => omics.send(get), finished);
      await omics.send(new UpdateWorkflowVersionCommand({ ...version, description: 'second' }));
      await omics.send(new ListWorkflowVersionsCommand({ workflowId }));
      await omics.send(new DeleteWorkflowVersionCommand(version));
    };
    const makeGroup = async () => {
      const { id } = await omics.send(new CreateRunGroupCommand({ name: 'g', maxRuns: 5, tags: { a: 'b' } }));
      await omics.send(new UpdateRunGroupCommand({ id, maxCpus: 64, maxDuration: 600, maxGpus: 1 }));
      await omics.send(new GetRunGroupCommand({ id }));
      await omics.send(new ListRunGroupsCommand({}));
      return id!;
    };
    const makeCache = async () => {
      const cache = {
        name: 'c',
        cacheS3Location: 's3://shapes/cache',
        cacheBehavior: 'CACHE_ALWAYS',
      } as const;
      const { id } = await omics.send(new CreateRunCacheCommand({ ...cache, tags: { a: 'b' } }));
      await omics.send(new UpdateRunCacheCommand({ id, description: 'd' }));
      await omics.send(new GetRunCacheCommand({ id }));
      await omics.send(new ListRunCachesCommand({}));
      return id!;
    };
    const toItsEnd = (id: string | undefined) =>
      until(() => omics.send(new GetRunCommand({ id, export: ['DEFINITION'] })), finished);
    const watchRun = async (id: string | undefined) => {
      const run = await toItsEnd(id);
      assert.equal(run.status, 'COMPLETED', run.statusMessage);
      const { items } = await omics.send(new ListRunTasksCommand({ id }));
      await omics.send(new GetRunTaskCommand({ id, taskId: items![0]!.taskId }));
    };
    const walkBatches = async (workflowId: string) => {
      const defaultRunSetting = { workflowId, roleArn, outputUri };
      const inlineSettings = [{ runSettingId: 'one' }, { runSettingId: 'two', name: 'second' }];
      const batch = { batchName: 'two', defaultRunSetting, batchRunSettings: { inlineSettings } };
      const { id } = await omics.send(new StartRunBatchCommand({ ...batch, tags: { a: 'b' } }));
      const get = () => omics.send(new GetBatchCommand({ batchId: id }));
      await until(get, ({ status }) => status === 'INPROGRESS' || status === 'PROCESSED');
      await omics.send(new CancelRunBatchCommand({ batchId: id })).catch(() => 'both had ended');
      await omics.send(new ListRunsInBatchCommand({ batchId: id }));
      await omics.send(new ListBatchCommand({}));
      await until(get, ({ status }) => ['PROCESSED', 'CANCELLED'].includes(status!));
      await omics.send(new DeleteRunBatchCommand({ batchId: id }));
      await until(get, ({ status }) => status === 'RUNS_DELETED');
      await omics.send(new DeleteBatchCommand({ batchId: id }));
    };
    const walkConfigurations = async () => {
      const name = 'inside';
      await omics.send(new CreateConfigurationCommand({ name, runConfigurations: {}, tags: { a: 'b' } }));
      await omics.send(new GetConfigurationCommand({ name }));
      await omics.send(new ListConfigurationsCommand({}));
      await omics.send(new DeleteConfigurationCommand({ name }));
    };

    test('a story that uses each of them', { timeout: 120_000 }, async (t) => {
      const workflowId = await makeWorkflow();
      await walkVersions(workflowId);
      const [runGroupId, cacheId] = [await makeGroup(), await makeCache()];
      const start = { workflowId, roleArn, outputUri, runGroupId, cacheId, priority: 3 };
      const runs = [];
      for (const name of ['first', 'second']) {
        const { id } = await omics.send(new StartRunCommand({ ...start, name, tags: { a: 'b' } }));
        await watchRun(id);
        runs.push(id);
      }
      const { id: cancelled } = await omics.send(new StartRunCommand({ ...start, name: 'third' }));
      await omics.send(new CancelRunCommand({ id: cancelled }));
      await toItsEnd(cancelled);
      await omics.send(new ListRunsCommand({}));
      await assert.rejects(omics.send(new GetRunCommand({ id: '999' })), {
        name: 'ResourceNotFoundException',
      });
      await walkBatches(workflowId);
      await walkConfigurations();
      for (const id of [...runs, cancelled]) await omics.send(new DeleteRunCommand({ id }));
      await omics.send(new DeleteRunCacheCommand({ id: cacheId }));
      await omics.send(new DeleteRunGroupCommand({ id: runGroupId }));
      await omics.send(new DeleteWorkflowCommand({ id: workflowId }));
      assert.deepEqual(observer.faults(), []);
      assert.deepEqual(observer.unseen(RUNS), []);
      t.diagnostic(`members that no answer had: ${observer.unseenMembers(RUNS).join(', ')}`);
    });
  },
);
