export interface ImageReference {
  /** As a registry client needs it: `docker.io/library/ubuntu`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
}

/** Lower-case paths as the distribution specification has them; the first part is a registry where it looks like a host. */
const PART = '[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?<repository>(?:${PART}(?::\\d+)?/)?${PART}(?:/${PART})*)` +
    '(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$',
);

/** The parts of `ubuntu`, `ubuntu:22.04`, `quay.io/x/y@sha256:...`; undefined where it is no image name. */
export function parseImageReference(text: string): ImageReference | undefined {
  const groups = REFERENCE.exec(text)?.groups;
  if (!groups?.repository) return undefined;
  const { tag, digest } = groups;
  return {
    repository: withRegistry(groups.repository),
    ...(tag ? { tag } : digest ? {} : { tag: 'latest' }),
    ...(digest ? { digest } : {}),
  };
}

/** `repository@digest` where there is a digest, `repository:tag` otherwise. */
export function formatImageReference(reference: ImageReference): string {
  const { repository, tag, digest } = reference;
  return digest ? `${repository}@${digest}` : `${repository}:${tag ?? 'latest'}`;
}

function withRegistry(repository: string): string {
  const [first, ...rest] = repository.split('/') as [string, ...string[]];
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (!isHost) return withRegistry(`docker.io/${repository}`);
  return first === 'docker.io' && rest.length === 1 ? `docker.io/library/${rest[0]}` : repository;
}

/**
 * Where images really are: a prefix of the name and what stands for it. Private ECR names
 * (`123456789012.dkr.ecr.us-east-1.amazonaws.com/bwa:1`) are usually led to a registry that can be reached.
 */
export type RegistryMap = Readonly<Record<string, string>>;

/** The name with the longest matching prefix (whole path parts) replaced. */
export function mapRegistry(reference: ImageReference, map: RegistryMap): ImageReference {
  const { repository } = reference;
  const prefix = Object.keys(map)
    .filter((candidate) => repository === candidate || repository.startsWith(`${candidate}/`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return reference;
  return { ...reference, repository: withRegistry(map[prefix]! + repository.slice(prefix.length)) };
}
