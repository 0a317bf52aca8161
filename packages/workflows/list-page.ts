import type { Scope } from '@helicase/kernel';
import type { ListQuery, Page, Resource, ResourceTable, Transaction } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';

/** What every list of this room takes: `startingToken` in, `nextToken` out. */
export interface ListInput {
  readonly startingToken?: string;
  readonly maxResults?: number;
}

const PAGE = 10;

/** One page of a resource, with a token bound to the operation and the filter. */
export async function listPage<Doc, Status extends string, Column extends string>(
  list: {
    readonly table: ResourceTable<Doc, Status, Column, Transaction>;
    readonly tx: Transaction;
    readonly tokens: PageTokens;
    readonly scope: Scope;
    readonly operation: string;
    readonly input: ListInput;
  },
  filter: Omit<ListQuery<Status, Column>, 'limit' | 'after'>,
): Promise<{ readonly rows: readonly Resource<Doc, Status>[]; readonly nextToken?: string }> {
  const { input, operation, scope, table, tokens, tx } = list;
  const binding = { scope, operation, filter };
  const after = input.startingToken === undefined ? undefined : tokens.read(binding, input.startingToken);
  const page: Page<Resource<Doc, Status>> = await table.list(tx, scope, {
    ...filter,
    limit: input.maxResults ?? PAGE,
    ...(after ? { after } : {}),
  });
  return { rows: page.rows, ...(page.next ? { nextToken: tokens.issue(binding, page.next) } : {}) };
}
