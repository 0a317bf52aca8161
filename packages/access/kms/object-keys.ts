import {
  type Actor,
  type Ids,
  type ObjectKeys as ObjectKeysPort,
  parseArn,
  ServiceError,
} from '@helicase/kernel';
import type { Authorizer } from '@helicase/wire';
import { arnOf, type CustomerKeys, type Key } from './customer-keys.ts';
import { objectKeyErrors as errors } from './errors.ts';
import { contextConditions, guardOf } from './guard.ts';
import { type KeyOperation, keyUseCall, type RecordKeyUse } from './key-use.ts';

const SERVICE = 's3.amazonaws.com';
const PURPOSE = /^\d{12}\/[^/]+\/sse-kms\/(?<region>[^/]+)\/(?<account>\d{12})\/(?<id>[^/]+)$/;

export interface ObjectKeysPorts {
  readonly keys: CustomerKeys;
  readonly authorizer: Authorizer;
  readonly ids: Ids;
  readonly recordKeyUse?: RecordKeyUse;
}

/** Objects under customers' keys: S3 asks KMS in the name of whoever writes or reads, as `kms:ViaService` tells. */
export class ObjectKeys implements ObjectKeysPort {
  readonly #ports: ObjectKeysPorts;

  constructor(ports: ObjectKeysPorts) {
    this.#ports = ports;
  }

  async sealing(by: Actor, name: string, objectArn: string) {
    const key = await this.#usable(by, name);
    await this.#callerMay(by, key, 'GenerateDataKey', objectArn);
    const { account, region } = key.scope;
    return { keyArn: arnOf(key), sealedFor: `sse-kms/${region}/${account}/${key.id}` };
  }

  async allowOpening(by: Actor, keyArn: string, objectArn: string): Promise<void> {
    await this.#callerMay(by, await this.#usable(by, keyArn), 'Decrypt', objectArn);
  }

  /** Whether a customer's key guards this one of the key ring. Throws where that is off or gone. */
  async check(ringKey: string): Promise<boolean> {
    const { account, id, region } = PURPOSE.exec(ringKey)?.groups ?? {};
    if (id === undefined) return false;
    await this.#enabled(`arn:aws:kms:${region}:${account}:key/${id}`, { account: account!, region: region! });
    return true;
  }

  #usable(by: Actor, name: string): Promise<Key> {
    const region = parseArn(name)?.region ?? by.scope.region;
    return this.#enabled(name, { account: by.principal.account, region });
  }

  async #enabled(name: string, scope: { readonly account: string; readonly region: string }): Promise<Key> {
    const key = await this.#ports.keys.find(scope, name).catch((error: unknown) => {
      throw error instanceof ServiceError ? errors.missing({ key: name }) : error;
    });
    if (key.status === 'Disabled') throw errors.disabled({ key: arnOf(key) });
    if (key.status !== 'Enabled') throw errors.stateWrong({ key: arnOf(key), state: key.status });
    return key;
  }

  async #callerMay(
    { principal, scope }: Actor,
    key: Key,
    operation: KeyOperation,
    objectArn: string,
  ): Promise<void> {
    const { authorizer, ids, recordKeyUse } = this.#ports;
    const encryptionContext = { 'aws:s3:arn': objectArn };
    const guard = guardOf(key, contextConditions(encryptionContext));
    const question = { principal, scope, action: `kms:${operation}`, resources: [arnOf(key)], via: SERVICE };
    const verdict = await authorizer.authorize({ ...question, ...guard });
    const use = { key, operation, service: SERVICE, by: principal, parameters: { encryptionContext } };
    const denial = { status: 400, code: 'AccessDeniedException' };
    await recordKeyUse?.(
      keyUseCall(ids, use),
      verdict.allowed ? { status: 200 } : { ...denial, message: verdict.message },
    );
    if (!verdict.allowed) throw errors.callerMayNot({ message: verdict.message });
  }
}
