import type { Scope } from '@helicase/kernel';
import type { PageTokens } from '@helicase/wire';
import { page } from '../page.ts';

/** One page in the order of the names, which are what the token goes on behind. */
export function namesPage<Row>(
  ports: { readonly pageTokens: PageTokens },
  scope: Scope,
  {
    operation,
    filter,
    byName,
    limit,
    token,
  }: {
    readonly operation: string;
    readonly filter: unknown;
    readonly byName: ReadonlyMap<string, Row>;
    readonly limit: number;
    readonly token: string | undefined;
  },
) {
  return page(ports, scope, {
    ...{ operation, filter, token, limit },
    list: async ({ after: [last = ''] = [], limit: most }) => {
      const rest = [...byName.keys()].sort().filter((name) => name > String(last));
      const names = rest.slice(0, most);
      const rows = names.map((name) => byName.get(name)!);
      return names.length < rest.length ? { rows, next: [names.at(-1)!] } : { rows };
    },
  });
}
