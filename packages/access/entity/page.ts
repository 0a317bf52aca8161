import type { OperationContext, PageTokens } from '@helicase/wire';
import { globalScope } from '../account/accounts.ts';
import { errors } from '../errors.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface PageAnswer {
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

const DEFAULT_PAGE = 100;

/** One page of a list, in the order of the keys; the marker is bound to account, operation and filter. */
export function pageOf<T>(
  tokens: PageTokens,
  { scope }: OperationContext,
  list: {
    readonly operation: string;
    readonly filter: unknown;
    readonly items: readonly T[];
    readonly key: (item: T) => string;
  },
  request: PageRequest,
): { readonly items: readonly T[]; readonly rest: PageAnswer } {
  const { operation, filter, key } = list;
  const binding = { scope: globalScope(scope.account), operation, filter };
  const after = request.Marker ? readMarker(tokens, binding, request.Marker) : undefined;
  const sorted = [...list.items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter((item) => key(item) > after);
  const items = rest.slice(0, request.MaxItems ?? DEFAULT_PAGE);
  if (items.length === rest.length) return { items, rest: { IsTruncated: false } };
  return { items, rest: { IsTruncated: true, Marker: tokens.issue(binding, [key(items.at(-1)!)]) } };
}

function readMarker(tokens: PageTokens, binding: Parameters<PageTokens['read']>[0], marker: string): string {
  try {
    return String(tokens.read(binding, marker)[0]);
  } catch {
    throw errors.markerInvalid({}); // IAM's own word for what the token mechanism refuses
  }
}
