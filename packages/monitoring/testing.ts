import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { openTestVault } from '@helicase/blobs';
import { Ids, ServiceError, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { openTestRecords } from '@helicase/records';
import type { OperationContext, PageBinding, PageTokens } from '@helicase/wire';
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
      const pageTokens = sealedTokens();
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

/** Tokens sealed under a key of their own and bound to their list, as the server's are. */
function sealedTokens(): PageTokens {
  const key = randomBytes(32);
  const bound = (binding: PageBinding) => Buffer.from(JSON.stringify(binding));
  return {
    issue(binding, position) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound(binding));
      const body = Buffer.concat([cipher.update(JSON.stringify(position)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    read(binding, token) {
      try {
        const bytes = Buffer.from(token, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(bound(binding));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString());
      } catch {
        throw new ServiceError('badToken', 'ValidationException', 400, 'the token is not of this list');
      }
    },
  };
}
