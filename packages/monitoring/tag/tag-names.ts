import type {
  GetTagKeysInput,
  GetTagKeysOutput,
  GetTagValuesInput,
  GetTagValuesOutput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { Scope, TaggedResources, Tags } from '@helicase/kernel';
import type { OperationContext, PageTokens } from '@helicase/wire';

interface Ports {
  readonly tagged: TaggedResources;
  readonly pageTokens: PageTokens;
}

const PAGE = 1000;

/** Every tag key in use in the account and Region, by name. */
export async function getTagKeys(
  ports: Ports,
  { PaginationToken }: GetTagKeysInput,
  { scope }: OperationContext,
): Promise<GetTagKeysOutput> {
  const keys = await distinct(ports.tagged, scope, (tags) => Object.keys(tags));
  const { names, token } = pageOf(
    ports,
    { scope, operation: 'GetTagKeys', filter: [] },
    keys,
    PaginationToken,
  );
  return { TagKeys: names, PaginationToken: token };
}

/** Every value that the key has somewhere, by name. */
export async function getTagValues(
  ports: Ports,
  { Key, PaginationToken }: GetTagValuesInput,
  { scope }: OperationContext,
): Promise<GetTagValuesOutput> {
  const values = await distinct(ports.tagged, scope, (tags) => (Key! in tags ? [tags[Key!]!] : []));
  const binding = { scope, operation: 'GetTagValues', filter: Key };
  const { names, token } = pageOf(ports, binding, values, PaginationToken);
  return { TagValues: names, PaginationToken: token };
}

async function distinct(
  tagged: TaggedResources,
  scope: Scope,
  of: (tags: Tags) => readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const { resource } of tagged.scan(scope)) for (const name of of(resource.tags)) found.add(name);
  return [...found].sort();
}

function pageOf(
  { pageTokens }: Ports,
  binding: Parameters<PageTokens['issue']>[0],
  sorted: readonly string[],
  token: string | undefined,
): { readonly names: string[]; readonly token: string } {
  const after = token ? String(pageTokens.read(binding, token)[0]) : undefined;
  const rest = after === undefined ? sorted : sorted.filter((name) => name > after);
  const names = rest.slice(0, PAGE);
  return { names, token: rest.length > PAGE ? pageTokens.issue(binding, [names.at(-1)!]) : '' };
}
