import { type Administration, administer, readConfiguration } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Accounts of a server and their root keys, on its own machine. Answers the exit status. */
export async function account(flags: Flags, [verb, id, ...others]: readonly string[]): Promise<number> {
  const { add, disable, enable, delete: remove, ...serving } = flags;
  if (others.length > 0) throw new UsageError(`helicase account ${verb}: one account at a time`);
  return administer(readConfiguration(serving, process.env), async (administration) => {
    if (verb === 'list') console.log((await administration.accounts()).join('\n'));
    else if (verb === 'create') await create(administration, id);
    else if (verb === 'keys') await keys(administration, needed(id), { add, disable, enable, remove });
    else throw new UsageError('helicase account takes create, list or keys');
    return 0;
  });
}

function needed(id: string | undefined): string {
  if (id !== undefined) return id;
  throw new UsageError('helicase account keys needs the id of an account');
}

/** The secret is shown once: it is sealed from then on. */
async function create(administration: Administration, id: string | undefined): Promise<void> {
  if (id !== undefined && !/^\d{12}$/.test(id))
    throw new UsageError(`an account's id has 12 digits, which "${id}" has not`);
  const made = await administration.createAccount(id);
  if (!made) throw new UsageError(`there is an account ${id} already`);
  console.log(JSON.stringify(made, null, 2));
}

async function keys(
  administration: Administration,
  id: string,
  { add, disable, enable, remove }: Flags,
): Promise<void> {
  for (const [key, to] of [
    [disable, 'Inactive'] as const,
    [enable, 'Active'] as const,
    [remove, 'Deleted'] as const,
  ]) {
    if (typeof key === 'string' && !(await administration.changeKey(id, key, to)))
      throw new UsageError(`account ${id} has no root key ${key}`);
  }
  const made = add === true ? await administration.addKey(id) : undefined;
  const found = await administration.keysOf(id);
  if (!found) throw new UsageError(`there is no account ${id}; helicase account list names them`);
  if (made) console.log(JSON.stringify(made, null, 2));
  for (const { created_at, id: key, last_used_at, status } of found)
    console.log(
      `${key}  ${status}  made ${day(created_at)}  ${last_used_at ? `last used ${day(last_used_at)}` : 'never used'}`,
    );
}

function day(milliseconds: number): string {
  return new Date(Number(milliseconds)).toISOString().slice(0, 10);
}
