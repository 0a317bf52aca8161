import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor, Scope } from '@helicase/kernel';
import {
  type FoundImage,
  ImageDenied,
  type ImageReference,
  type ImageSource,
  ImageUnavailable,
} from '@helicase/runtime';
import type { Images } from './image/images.ts';
import { denialOf, type GuardPorts } from './repository/guard.ts';
import { findRepository, registryOfHost, type Repository, repositoryArn } from './repository/model.ts';
import { type Upstream, upstreamName } from './upstream.ts';

export interface ImageSourcePorts extends GuardPorts {
  readonly images: Images;
  readonly upstream: Upstream;
  /** Whether the repository's policy lets HealthOmics itself do this, for this account. */
  readonly serviceMay: (question: {
    readonly owner: string;
    readonly action: string;
    readonly resource: string;
    readonly policies: readonly string[];
    readonly sourceAccount: string;
  }) => boolean;
  /** A folder of this source alone, for the login at the registry behind. */
  readonly directory: string;
}

/** What pulling an image takes: the guide's policy for repositories names them. */
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * Images of runs by their ECR names, in the run role's name. The guide asks for two permissions: the role's own, and the
 * repository's policy for omics.amazonaws.com ("needs to be added to each container registry that will be used").
 */
export function ecrSource(ports: ImageSourcePorts): ImageSource {
  const { images, records, repositories, upstream } = ports;
  return {
    name: "this server's ECR",
    async find(reference, actor): Promise<FoundImage | undefined> {
      const place = placeOf(reference);
      if (!place) return undefined;
      const { name, scope } = place;
      const repository = await findRepository(repositories, records.direct, scope, name);
      if (!repository) return undefined; // it may lie elsewhere under this name
      await permit(ports, actor, repository);
      const wanted = reference.digest ?? reference.tag ?? 'latest';
      const image = await images.find(repository, wanted);
      if (!image) throw new ImageUnavailable(`the repository ${name} has no image ${wanted}`);
      const { digest } = image.doc;
      return {
        location: `docker://${upstream.host}/${upstreamName(scope, name)}@${digest}`,
        stamp: `ecr ${digest}`,
        digest,
        copyArguments: await copyArguments(ports),
      };
    },
  };
}

function placeOf({
  repository,
}: ImageReference): { readonly scope: Scope; readonly name: string } | undefined {
  const [host, ...rest] = repository.split('/');
  const scope = registryOfHost(host!);
  return scope && { scope, name: rest.join('/') };
}

/** Throws ImageDenied. */
async function permit(ports: ImageSourcePorts, actor: Actor, repository: Repository): Promise<void> {
  const { doc, scope } = repository;
  const denied = (why: string) =>
    new ImageDenied(
      `HealthOmics doesn't have permission to access the image URI: ${why} Confirm that the Amazon ECR private ` +
        'repository exists and has granted access to the HealthOmics service principal.',
    );
  // "Cross-account containers are supported as long as they are in the same region."
  if (scope.region !== actor.scope.region)
    throw denied(
      `the repository ${doc.name} is in region ${scope.region}, the run in ${actor.scope.region}.`,
    );
  const resource = repositoryArn(scope, doc.name);
  const policies = doc.policy === undefined ? [] : [doc.policy];
  for (const action of PULL) {
    const denial = await denialOf(ports, actor, action, { scope, name: doc.name, repository });
    if (denial !== undefined) throw denied(`${denial}.`);
    const sourceAccount = actor.scope.account;
    if (!ports.serviceMay({ owner: scope.account, action, resource, policies, sourceAccount }))
      throw denied(`the policy of ${resource} does not let omics.amazonaws.com do ${action}.`);
  }
}

/** The password goes by a file: arguments can be read by everyone on the machine. */
async function copyArguments({ directory, upstream }: ImageSourcePorts): Promise<readonly string[]> {
  const { authFile, isPlain } = upstream;
  const plain = isPlain ? ['--src-tls-verify=false'] : [];
  if (authFile === undefined) return plain;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'auth.json');
  await writeFile(path, authFile, { mode: 0o600 });
  return [...plain, `--src-authfile=${path}`];
}
