import type { ListQuery, Resource } from '@helicase/records';
import type { OperationContext } from '@helicase/wire';
import { errors } from './errors.ts';
import type { Room } from './room.ts';
import type { Table } from './tables.ts';

/** What every list request has. */
export interface ListInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
  readonly filter?: object | undefined;
}

/** The model's default is not stated; its maximum is 100. */
const PAGE = 100;

type Query<Status extends string, Column extends string> = Omit<
  ListQuery<Status, Column>,
  'limit' | 'after' | 'order'
>;

/** One page of a list, oldest first; the token is bound to the account, the operation, the store and the filter. */
export async function listPage<Doc, Status extends string, Column extends string>(
  room: Room,
  context: OperationContext,
  operation: string,
  table: Table<Doc, Status, Column>,
  input: ListInput,
  query: Query<Status, Column>,
): Promise<{ rows: readonly Resource<Doc, Status>[]; nextToken?: string }> {
  const binding = {
    scope: context.scope,
    operation,
    filter: { parent: query.parent ?? '', filter: input.filter ?? {} },
  };
  const after = input.nextToken === undefined ? undefined : room.pageTokens.read(binding, input.nextToken);
  const page = await table.list(room.records.direct, context.scope, {
    ...query,
    order: 'oldest-first',
    limit: input.maxResults ?? PAGE,
    ...(after ? { after } : {}),
  });
  return {
    rows: page.rows,
    ...(page.next ? { nextToken: room.pageTokens.issue(binding, page.next) } : {}),
  };
}

/** The times of a filter as the query has them; a range that nothing can be in is the caller's mistake. */
export function createdBetween(
  filter: { readonly createdAfter?: Date | undefined; readonly createdBefore?: Date | undefined } = {},
): { createdAfter?: number; createdBefore?: number } {
  return between(filter, 'createdAfter', 'createdBefore');
}

export function updatedBetween(
  filter: { readonly updatedAfter?: Date | undefined; readonly updatedBefore?: Date | undefined } = {},
): { updatedAfter?: number; updatedBefore?: number } {
  return between(filter, 'updatedAfter', 'updatedBefore');
}

function between<Name extends string>(
  filter: { readonly [N in Name]?: Date | undefined },
  after: Name,
  before: Name,
): { [N in Name]?: number } {
  const [from, to] = [filter[after], filter[before]];
  if (from && to && from > to)
    throw errors.badFilter({
      after,
      afterValue: from.toISOString(),
      before,
      beforeValue: to.toISOString(),
    });
  const given = [after, before].flatMap((name) => {
    const time = filter[name];
    return time ? [[name, time.getTime()] as const] : [];
  });
  return Object.fromEntries(given) as { [N in Name]?: number };
}

/** The filter's members that equal a column, without those not given. */
export function equals<Column extends string>(values: {
  readonly [C in Column]?: string | undefined;
}): { readonly [C in Column]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [C in Column]?: string;
  };
}
