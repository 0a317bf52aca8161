import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join, posix } from 'node:path';
import { createVault, openFolderStore, openKeyRing } from '@helicase/blobs';
import {
  Ids,
  type Log,
  type Roles,
  type Scope,
  silentLog,
  systemClock,
  systemRandom,
} from '@helicase/kernel';
import { createRecords, type DatabaseOptions, type Records, type RecordsOptions } from '@helicase/records';
import {
  type Capacity,
  archiveSource,
  createContainerBackend,
  createEngineHost,
  createSandboxBackend,
  createTaskRunner,
  detectControlGroups,
  hostCapacity,
  ImageStore,
} from '@helicase/runtime';
import { createPageTokens, type OperationContext } from '@helicase/wire';
import type { WorkflowLimits } from './limits.ts';
import type { OmicsFiles } from './ports.ts';
import { FolderObjects, MemoryLogs, oneRole, owner } from './testing.ts';
import { createWorkflows, engineEntry, type Workflows } from './workflows.ts';

// As the command line does: engines find the code that was compiled once.
enableCompileCache(join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'helicase', 'compiled'));

/** The whole room as a server has it: real database, vault, sandbox and engine, over one folder. */
export interface TestRoom {
  readonly records: Records;
  /** Of every call. */
  readonly scope: Scope;
  readonly workflows: Workflows;
  readonly objects: FolderObjects;
  readonly logs: MemoryLogs;
  /** The answer of one operation, as the account's root. */
  call<Output>(operation: string, input: object, context?: Partial<OperationContext>): Promise<Output>;
  close(): Promise<void>;
}

export interface TestRoomOptions {
  /** Everything lies in it; open a room on it again for a restart. */
  readonly folder: string;
  /** PostgreSQL instead of a file in the folder. */
  readonly database?: DatabaseOptions;
  /** Names the control groups of this test. */
  readonly owner: string;
  readonly limits?: Partial<WorkflowLimits>;
  readonly log?: Log;
  /** Files of stores; objects of the buckets stand for them unless told. */
  readonly omicsFiles?: OmicsFiles;
  readonly roles?: Roles;
  /** What tasks share; the whole machine unless told. */
  readonly capacity?: Capacity;
  /** How long a failed attempt at a run waits for the next one, as an example. */
  readonly timing?: RecordsOptions['timing'];
}

export async function openTestRoom(options: TestRoomOptions): Promise<TestRoom> {
  const { folder, log = silentLog, limits = {} } = options;
  mkdirSync(folder, { recursive: true });
  const ids = new Ids(systemClock, systemRandom);
  const clock = systemClock;
  const database = options.database ?? { kind: 'sqlite' as const, file: join(folder, 'records.sqlite') };
  const timing = options.timing && { timing: options.timing };
  const records = createRecords({ database, clock, ids, random: systemRandom, log, ...timing });
  const store = await openFolderStore({ directory: join(folder, 'store') });
  const keyring = openKeyRing({ rows: records.keys, root: Buffer.alloc(32, 7), random: systemRandom });
  const ledger = {
    begin: records.blobs.begin.bind(records.blobs),
    forget: records.blobs.forget.bind(records.blobs),
    garbage: records.blobs.garbage.bind(records.blobs),
  };
  const vault = createVault({ store, ledger, keyring, ids, scratch: join(folder, 'scratch'), log });
  const objects = new FolderObjects(join(folder, 'buckets'));
  const logs = new MemoryLogs();
  const directory = join(folder, 'runs');
  const groups = (kind: string) => detectControlGroups({ owner: `${options.owner}-${kind}` });
  const workflows = createWorkflows({
    records,
    vault,
    objects,
    omicsFiles: options.omicsFiles ?? {
      head: async (actor, uri) => ({ ...(await objects.head(actor, uri)), name: posix.basename(uri) }),
      materialize: (actor, uri) => objects.materialize(actor, uri),
    },
    roles: options.roles ?? oneRole,
    logs,
    taskRunner: createTaskRunner({
      backends: [
        createSandboxBackend({
          clock,
          log,
          directory: join(folder, 'sandbox'),
          groups: () => groups('tasks'),
        }),
        createContainerBackend({
          ...{ clock, log, directory: join(folder, 'containers') },
          images: new ImageStore({
            directory: join(folder, 'unpacked'),
            sources: [archiveSource(join(folder, 'images'))],
          }),
          groups: () => groups('containers'),
        }),
      ],
      clock,
      log,
      directory,
      capacity: options.capacity ?? hostCapacity(),
      resolve: (actor, uri) => objects.materialize(actor, uri),
    }),
    engineHost: createEngineHost({ entry: engineEntry, clock, log, groups: groups('engines') }),
    pageTokens: createPageTokens(Buffer.alloc(32, 9)),
    clock,
    ids,
    log,
    directory,
    limits,
  });
  await records.open();
  await workflows.start();
  records.jobs.start();
  return {
    records,
    scope: owner.scope,
    workflows,
    objects,
    logs,
    call: async <Output>(name: string, input: object, context: Partial<OperationContext> = {}) => {
      const operation = workflows.operations.find((entry) => entry.name === name)!;
      const signal = new AbortController().signal;
      return (await operation.handler!(input as never, {
        ...owner,
        requestId: 'test',
        signal,
        ...context,
      })) as Output;
    },
    close: async () => {
      await records.jobs.stop();
      await workflows.stop();
      await records.close();
    },
  };
}
