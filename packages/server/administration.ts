import { existsSync } from 'node:fs';
import type { AccessAnswer, AccessQuestion, RootKey, RootKeys } from '@helicase/access';
import { hostname, userInfo } from 'node:os';
import { Ids, rootPrincipal, type Scope, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import type { BusEvent, EventQuery, PendingIncrease } from '@helicase/monitoring';
import type { TierUsage } from '@helicase/storage';
import type { ObservedCall } from '@helicase/wire';
import type { Configuration } from './configuration.ts';
import { dataDirectory, DataDirectoryRefused } from './data-directory.ts';
import { makeRooms } from './rooms.ts';

/** What an operator does on the machine of the server, beside the API: it needs the data directory, not a key. */
export interface Administration extends RootKeys {
  accounts(): Promise<readonly string[]>;
  /** Undefined where there is one of that id. */
  createAccount(id: string | undefined): Promise<RootKey | undefined>;
  explain(question: AccessQuestion): Promise<readonly AccessAnswer[]>;
  /** Of every account unless told. */
  events(query: EventQuery): AsyncIterable<BusEvent>;
  /** What read sets take, by store and tier, of every account. */
  storageUsage(): Promise<readonly TierUsage[]>;
  /** Requests for more of a quota, of every account. */
  quotaRequests(): Promise<readonly PendingIncrease[]>;
  /** Undefined where no request of this id is pending. */
  decideQuota(id: string, decision: 'APPROVED' | 'DENIED'): Promise<PendingIncrease | undefined>;
}

/**
 * Opens the records beside a server that may be running, as a second server would: what is changed here, it sees within
 * five seconds. Throws DataDirectoryRefused where there is no data.
 */
export async function administer<T>(
  configuration: Configuration,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const directory = dataDirectory(configuration.data);
  if (!existsSync(directory.layout)) {
    throw new DataDirectoryRefused(
      `${directory.root} is no data directory: it has no layout.json. Name the folder that \`helicase serve --data\` was given.`,
    );
  }
  const ids = new Ids(systemClock, systemRandom);
  const effects = { clock: systemClock, random: systemRandom, ids, log: silentLog };
  const { access, explain, monitoring, records, storage } = await makeRooms(
    configuration,
    directory,
    effects,
  );
  await records.openBeside();
  try {
    const { rootKeys } = access;
    const region = configuration.regions[0]!;
    const record = (account: string, name: string, input: object, verb?: OperatorVerb) =>
      monitoring.recordOperator(operatorCall({ account, region }, name, input, ids.uuid(), verb), {
        status: 200,
      });
    return await work({
      accounts: () => access.accounts(),
      async createAccount(id) {
        const made = await access.createAccount(id);
        if (made) await record(made.accountId, 'CreateAccount', { accessKeyId: made.accessKeyId });
        return made;
      },
      keysOf: (account) => rootKeys.keysOf(account),
      async addKey(account) {
        const made = await rootKeys.addKey(account);
        if (made) await record(account, 'CreateAccessKey', { accessKeyId: made.accessKeyId });
        return made;
      },
      async changeKey(account, accessKeyId, to) {
        const name = to === 'Deleted' ? 'DeleteAccessKey' : 'UpdateAccessKey';
        const changed = await rootKeys.changeKey(account, accessKeyId, to);
        if (changed) await record(account, name, { accessKeyId, status: to });
        return changed;
      },
      explain,
      events: (query) => monitoring.follow(query),
      storageUsage: () => storage.usage(),
      quotaRequests: () => monitoring.increases.pending(),
      async decideQuota(id, decision) {
        const decided = await monitoring.increases.decide(id, decision);
        if (!decided) return undefined;
        const { desired, quota, scope } = decided;
        const input = { requestId: id, decision, quotaCode: quota.code, desiredValue: desired };
        await record(scope.account, 'DecideServiceQuotaIncrease', input, 'quota');
        return decided;
      },
    });
  } finally {
    await records.close();
  }
}

/** The command: `helicase account`. */
type OperatorVerb = 'account' | 'quota';

/** What was done on the machine, as the account's audit has it: by its root, from this host, with the user's name there. */
function operatorCall(
  scope: Scope,
  name: string,
  input: object,
  requestId: string,
  verb: OperatorVerb = 'account',
): ObservedCall {
  const principal = rootPrincipal(scope.account);
  const service = verb === 'quota' ? 'servicequotas' : name === 'CreateAccount' ? 'organizations' : 'iam';
  const userAgent = `helicase ${verb}, run by ${userName()} on ${hostname()}`;
  return {
    service,
    operation: { name, action: `${service}:${name}`, readOnly: false, quota: service },
    resources: [principal.arn],
    input,
    context: { scope, principal, requestId, signal: new AbortController().signal },
    origin: { address: '127.0.0.1', userAgent, secure: true, signedBy: 'header' },
    accessKeyId: '',
  };
}

/** Containers have users without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? ''}`;
  }
}
