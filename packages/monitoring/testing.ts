import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestVault } from '@helicase/blobs';
import { type Clock, Ids, rolePrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { openTestRecords, type Records } from '@helicase/records';
import {
  type Authorizer,
  type OperationCaller,
  createPageTokens,
  type ObservedCall,
  type OperationContext,
} from '@helicase/wire';
import { createMonitoring, type Monitoring, type MonitoringOptions } from './monitoring.ts';
import type { StoredBytes } from './metric/figures.ts';
import { type KeptObject, memoryObjects } from './testing/memory-objects.ts';

/** Monitoring over a real database, for the room's tests. */
export interface TestMonitoring extends Monitoring {
  readonly records: Records;
  /** What was written to the bucket `trail-bucket`, by URI. */
  readonly kept: ReadonlyMap<string, KeptObject>;
  readonly context: OperationContext;
  /** The answer of one operation, by its name or, where several services have it, by its action (`logs:TagResource`). */
  call<Output>(operation: string, input: object, context?: OperationContext): Promise<Output>;
  close(): Promise<void>;
}

interface TestOptions {
  readonly authorizer?: Authorizer;
  readonly caller?: OperationCaller;
  readonly quotaProfile?: 'aws' | 'own';
  /** Of the room; its jobs go by the system's. */
  readonly clock?: Clock;
  readonly quotas?: Readonly<Record<string, number>>;
  readonly stored?: () => AsyncIterable<StoredBytes>;
  readonly messaging?: MonitoringOptions['messaging'];
  /** Kinds of other rooms. */
  readonly declare?: (records: Records) => void;
}

const nobody: OperationCaller = { call: () => Promise.reject(new Error('no operation was expected')) };
const nothing = async function* (): AsyncGenerator<StoredBytes> {};
const everybody: Authorizer = { authorize: async () => ({ allowed: true }) };

export async function openTestMonitoring(
  dialect: 'sqlite' | 'postgres',
  {
    authorizer = everybody,
    caller = nobody,
    clock = systemClock,
    declare,
    messaging = [],
    stored = nothing,
    ...limits
  }: TestOptions = {},
): Promise<TestMonitoring> {
  const folder = await mkdtemp(join(tmpdir(), 'helicase-monitoring-'));
  const { keyring, ...vault } = await openTestVault();
  const ids = new Ids(systemClock, systemRandom);
  const kept = new Map<string, KeptObject>();
  let monitoring: Monitoring | undefined;
  const records = await openTestRecords({
    dialect,
    declare: (opened) => {
      declare?.(opened);
      const pageTokens = createPageTokens(systemRandom.bytes(32));
      monitoring = createMonitoring({
        records: opened,
        keyring,
        pageTokens,
        authorizer,
        objects: memoryObjects(kept, ['trail-bucket']),
        regions: ['us-east-1', 'eu-west-1'],
        roles: { assume: async (scope, arn) => ({ scope, principal: rolePrincipal(arn, 'AROATEST') }) },
        caller,
        clock,
        ids,
        log: silentLog,
        auditDirectory: join(folder, 'audit'),
        auditHeld: () => false,
        stored,
        messaging,
        ...{ quotaProfile: 'own', quotas: {}, ...limits },
      });
    },
  });
  const context = contextOf('111122223333', 'us-east-1');
  await monitoring!.start();
  records.records.jobs.start();
  const { cloudTrail, cloudWatch, eventBridge, serviceQuotas, logs, operations, tagging } = monitoring!;
  const services = [logs, tagging, cloudTrail, cloudWatch, eventBridge, serviceQuotas];
  const entries = operations.concat(services.flatMap((service) => service.operations));
  return {
    ...monitoring!,
    records: records.records,
    kept,
    context,
    call: async <Output>(name: string, input: object, as = context) => {
      const operation = entries.find((entry) => entry.name === name || entry.action === name)!;
      return (await operation.handler!(input as never, as)) as Output;
    },
    close: async () => {
      await monitoring!.stop();
      await records.close();
      await rm(folder, { recursive: true });
      await vault.close();
    },
  };
}

export function contextOf(account: string, region: string): OperationContext {
  return {
    scope: { account, region },
    principal: { account, kind: 'root', arn: `arn:aws:iam::${account}:root`, id: account },
    requestId: 'test',
    signal: new AbortController().signal,
  };
}

/** A request as the wire tells observers of it. */
export function observedCall(name: string, input: unknown, context: OperationContext): ObservedCall {
  return {
    service: 'omics',
    operation: { name, action: `omics:${name}`, readOnly: /^(?:Get|List)/.test(name), quota: name },
    resources: [],
    input,
    context,
    origin: { address: '192.0.2.7', userAgent: 'aws-cli/1.45.11', secure: false },
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  };
}
