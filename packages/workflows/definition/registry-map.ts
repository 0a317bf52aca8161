import type { ContainerRegistryMap, RegistryMapping } from '@aws-sdk/client-omics';
import { isRecord, type Scope } from '@helicase/kernel';
import { DefinitionProblem } from './definition-problem.ts';

/** The registry map of containerRegistryMapUri: the same JSON as the member. */
export function readRegistryMap(json: Buffer, uri: string): ContainerRegistryMap {
  const refuse = (what: string) =>
    new DefinitionProblem(`containerRegistryMapUri ${uri} holds no container registry map: ${what}.`);
  let map: unknown;
  try {
    map = JSON.parse(json.toString('utf8'));
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (!isRecord(map)) throw refuse('it is no JSON object');
  const { imageMappings = [], registryMappings = [] } = map;
  if (!isTextRecords(imageMappings)) throw refuse('imageMappings must be a list of objects of strings');
  if (!isTextRecords(registryMappings)) throw refuse('registryMappings must be a list of objects of strings');
  return { imageMappings: [...imageMappings], registryMappings: [...registryMappings] };
}

function isTextRecords(value: unknown): value is Record<string, string>[] {
  return (
    Array.isArray(value) &&
    value.every((each) => isRecord(each) && Object.values(each).every((member) => typeof member === 'string'))
  );
}

/** Where a task's image is by the workflow's map: an image of its own first, then its registry; else as written. */
export function mappedImage(map: ContainerRegistryMap | undefined, scope: Scope, image: string): string {
  const whole = map?.imageMappings?.find(({ sourceImage }) => sourceImage === image);
  if (whole?.destinationImage) return whole.destinationImage;
  for (const mapping of map?.registryMappings ?? []) {
    const rest = underRegistry(mapping, image);
    if (rest !== undefined) return ecrImage(mapping, scope, rest);
  }
  return image;
}

/** The image's path below the mapping's registry and prefix. Docker Hub's images are written without their registry. */
function underRegistry(mapping: RegistryMapping, image: string): string | undefined {
  const registry = mapping.upstreamRegistryUrl?.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  if (!registry) return undefined;
  const named = `${registryOf(image)}/${pathOf(image)}`;
  const prefix = [hubName(registry), mapping.upstreamRepositoryPrefix].filter(Boolean).join('/');
  return named.startsWith(`${prefix}/`) ? named.slice(prefix.length + 1) : undefined;
}

const HUB = 'registry-1.docker.io';

function hubName(registry: string): string {
  return ['docker.io', 'index.docker.io', HUB].includes(registry) ? HUB : registry;
}

function registryOf(image: string): string {
  const first = image.split('/', 1)[0]!;
  return image.includes('/') && /[.:]|^localhost$/.test(first) ? hubName(first) : HUB;
}

function pathOf(image: string): string {
  const first = image.split('/', 1)[0]!;
  return image.includes('/') && /[.:]|^localhost$/.test(first) ? image.slice(first.length + 1) : image;
}

function ecrImage(
  { ecrAccountId, ecrRepositoryPrefix }: RegistryMapping,
  scope: Scope,
  rest: string,
): string {
  const host = `${ecrAccountId ?? scope.account}.dkr.ecr.${scope.region}.amazonaws.com`;
  return [host, ecrRepositoryPrefix, rest].filter(Boolean).join('/');
}
