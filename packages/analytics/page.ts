import type { Scope } from '@helicase/kernel';
import type { Page } from '@helicase/records';
import type { PageTokens } from '@helicase/wire';

const PAGE = 100;

export interface PageRequest<Row> {
  readonly operation: string;
  readonly filter: unknown;
  readonly token: string | undefined;
  readonly limit: number | undefined;
  readonly list: (window: { limit: number; after?: readonly (string | number)[] }) => Promise<Page<Row>>;
}

/** One page of a list, with the token for the next where there is one. */
export async function page<Row>(
  { pageTokens }: { readonly pageTokens: PageTokens },
  scope: Scope,
  request: PageRequest<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly nextToken: string | undefined }> {
  const binding = { scope, operation: request.operation, filter: request.filter ?? null };
  const after = request.token === undefined ? undefined : pageTokens.read(binding, request.token);
  const found = await request.list({ limit: request.limit ?? PAGE, ...(after ? { after } : {}) });
  return { rows: found.rows, nextToken: found.next && pageTokens.issue(binding, found.next) };
}
