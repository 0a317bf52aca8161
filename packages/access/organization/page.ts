import type { OperationContext, PageTokens } from '@helicase/wire';
import { pageOf } from '../entity/page.ts';

export interface PagedRequest {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

/** A page as Organizations answers it. */
export function page<T>(
  pageTokens: PageTokens,
  context: OperationContext,
  list: { readonly operation: string; readonly items: readonly T[]; readonly key: (item: T) => string },
  { NextToken, MaxResults }: PagedRequest,
): { readonly items: readonly T[]; readonly NextToken: { readonly NextToken?: string } } {
  const request = { Marker: NextToken, MaxItems: MaxResults };
  const { items, rest } = pageOf(pageTokens, context, { ...list, filter: null }, request);
  return { items, NextToken: rest.Marker === undefined ? {} : { NextToken: rest.Marker } };
}
