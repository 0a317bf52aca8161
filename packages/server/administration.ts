import { existsSync } from 'node:fs';
import type { AccessAnswer, AccessQuestion, RootKey, RootKeys } from '@helicase/access';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import type { Configuration } from './configuration.ts';
import { dataDirectory, DataDirectoryRefused } from './data-directory.ts';
import { makeRooms } from './rooms.ts';

/** What an operator does on the machine of the server, beside the API: it needs the data directory, not a key. */
export interface Administration extends RootKeys {
  accounts(): Promise<readonly string[]>;
  /** Undefined where there is one of that id. */
  createAccount(id: string | undefined): Promise<RootKey | undefined>;
  explain(question: AccessQuestion): Promise<readonly AccessAnswer[]>;
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
  const { access, explain, records } = await makeRooms(configuration, directory, effects);
  await records.openBeside();
  try {
    const { rootKeys } = access;
    return await work({
      accounts: () => access.accounts(),
      createAccount: (id) => access.createAccount(id),
      keysOf: (account) => rootKeys.keysOf(account),
      addKey: (account) => rootKeys.addKey(account),
      changeKey: (account, id, to) => rootKeys.changeKey(account, id, to),
      explain,
    });
  } finally {
    await records.close();
  }
}
