import { openTestVault } from '@helicase/blobs';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { openTestRecords } from '@helicase/records';
import { createPageTokens, type OperationContext } from '@helicase/wire';
import { createMonitoring, type Monitoring } from './monitoring.ts';

/** Monitoring over a real database, for the room's tests. */
export interface TestMonitoring extends Monitoring {
  readonly context: OperationContext;
  /** The answer of one operation. */
  call<Output>(operation: string, input: object, context?: OperationContext): Promise<Output>;
  close(): Promise<void>;
}

export async function openTestMonitoring(dialect: 'sqlite' | 'postgres'): Promise<TestMonitoring> {
  const { keyring, ...vault } = await openTestVault();
  const ids = new Ids(systemClock, systemRandom);
  let monitoring: Monitoring | undefined;
  const records = await openTestRecords({
    dialect,
    declare: (opened) => {
      const pageTokens = createPageTokens(systemRandom.bytes(32));
      monitoring = createMonitoring({
        records: opened,
        keyring,
        pageTokens,
        clock: systemClock,
        ids,
        log: silentLog,
      });
    },
  });
  const context = contextOf('111122223333', 'us-east-1');
  const { logs, writer } = monitoring!;
  return {
    logs,
    writer,
    context,
    call: async <Output>(name: string, input: object, as = context) => {
      const operation = logs.operations.find((entry) => entry.name === name)!;
      return (await operation.handler!(input as never, as)) as Output;
    },
    close: async () => {
      await writer.flush();
      await records.close();
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
