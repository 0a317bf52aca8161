import type {
  GetResourcesInput,
  GetResourcesOutput,
  ResourceTagMapping,
  TagFilter,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { TaggedResource, TaggedResources, Tags } from '@helicase/kernel';
import type { OperationContext, PageTokens } from '@helicase/wire';
import { errors } from './errors.ts';

interface Ports {
  readonly tagged: TaggedResources;
  readonly pageTokens: PageTokens;
}

const PAGE = 50;

/** Resources with at least one tag that match every filter. A page ends when it is full, or the account's list does. */
export async function getResources(
  { pageTokens, tagged }: Ports,
  input: GetResourcesInput,
  { scope }: OperationContext,
): Promise<GetResourcesOutput> {
  const { PaginationToken, ResourceARNList, ResourceTypeFilters, ResourcesPerPage, TagFilters } = input;
  if (ResourceARNList) return namedResources(tagged, input, ResourceARNList, scope);
  const filter = [ResourceTypeFilters, TagFilters];
  const binding = { scope, operation: 'GetResources', filter };
  const after = PaginationToken ? String(pageTokens.read(binding, PaginationToken)[0]) : undefined;
  const page: ResourceTagMapping[] = [];
  let last: string | undefined;
  for await (const { place, resource } of tagged.scan(scope, after)) {
    if (!matches(resource, ResourceTypeFilters, TagFilters)) continue;
    if (page.length === (ResourcesPerPage ?? PAGE)) {
      return { ResourceTagMappingList: page, PaginationToken: pageTokens.issue(binding, [last!]) };
    }
    page.push(toMapping(resource.arn, resource.tags));
    last = place;
  }
  return { ResourceTagMappingList: page, PaginationToken: '' };
}

async function namedResources(
  tagged: TaggedResources,
  { ResourceTypeFilters, ResourcesPerPage, TagFilters }: GetResourcesInput,
  arns: readonly string[],
  scope: OperationContext['scope'],
): Promise<GetResourcesOutput> {
  const others = { ResourceTypeFilters, ResourcesPerPage, TagFilters };
  const member = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (member) throw errors.arnsWithFilters({ member });
  const found = await Promise.all(arns.map(async (arn) => ({ arn, tags: await tagged.find(scope, arn) })));
  const ResourceTagMappingList = found.flatMap(({ arn, tags }) => (tags ? [toMapping(arn, tags)] : []));
  return { ResourceTagMappingList, PaginationToken: '' };
}

/** `omics` means every type of the service. Filters of different keys must all hold; a filter without values asks for the key. */
function matches(
  { tags, type }: TaggedResource,
  types: readonly string[] | undefined,
  filters: readonly TagFilter[] = [],
): boolean {
  if (Object.keys(tags).length === 0) return false;
  if (types?.length && !types.some((wanted) => wanted === type || type.startsWith(`${wanted}:`)))
    return false;
  return filters.every(({ Key, Values }) => {
    const value = Key === undefined ? undefined : tags[Key];
    return value !== undefined && (!Values?.length || Values.includes(value));
  });
}

function toMapping(ResourceARN: string, tags: Tags): ResourceTagMapping {
  return { ResourceARN, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}
