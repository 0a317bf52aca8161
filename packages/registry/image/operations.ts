import type {
  BatchDeleteImageRequest,
  BatchDeleteImageResponse,
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  Image as ApiImage,
  ImageDetail,
  ImageFailure,
  ImageIdentifier,
  ListImagesRequest,
  ListImagesResponse,
} from '@aws-sdk/client-ecr';
import type { AnyOperation, OperationContext, PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';
import { type GuardPorts, onRepository, type OnRepository, registryOf } from '../repository/guard.ts';
import { type Repository, requireRepository } from '../repository/model.ts';
import type { Upstream } from '../upstream.ts';
import type { Images } from './images.ts';
import type { Image } from './model.ts';

export interface ImageOperationsPorts extends GuardPorts {
  readonly images: Images;
  readonly pageTokens: PageTokens;
  readonly upstream: Upstream | undefined;
}

const PAGE = 100;

export function imageOperations(ports: ImageOperationsPorts): readonly AnyOperation[] {
  const { records, repositories } = ports;
  const on = <Input extends OnRepository, Output extends object>(
    name: string,
    handler: (repository: Repository, input: Input, context: OperationContext) => Promise<Output>,
  ) =>
    onRepository<Input, Output>(ports, name, async (input, context) => {
      const scope = registryOf(input, context);
      const found = await requireRepository(repositories, records.direct, scope, input.repositoryName!);
      return handler(found, input, context);
    });
  return [
    on<DescribeImagesRequest, DescribeImagesResponse>('DescribeImages', (found, input) =>
      describeImages(ports, found, input),
    ),
    on<ListImagesRequest, ListImagesResponse>('ListImages', (found, input) =>
      listImages(ports, found, input),
    ),
    on<BatchGetImageRequest, BatchGetImageResponse>('BatchGetImage', (found, input) =>
      batchGetImage(ports, found, input),
    ),
    on<BatchDeleteImageRequest, BatchDeleteImageResponse>('BatchDeleteImage', (found, input) =>
      batchDeleteImage(ports, found, input),
    ),
  ];
}

async function describeImages(
  { images, pageTokens, records }: ImageOperationsPorts,
  repository: Repository,
  { filter, imageIds, maxResults = PAGE, nextToken }: DescribeImagesRequest,
): Promise<DescribeImagesResponse> {
  const tags = await images.tagsByDigest(repository);
  const detail = (image: Image) => detailOf(repository, image, tags.get(image.doc.digest) ?? []);
  if (imageIds) {
    const found = await Promise.all(imageIds.map((id) => required(images, repository, id)));
    return { imageDetails: unique(found).map(detail) };
  }
  const all = (await images.all(records.direct, repository)).filter(({ doc }) =>
    isWanted(filter?.tagStatus, tags.has(doc.digest)),
  );
  const { page, token } = pageOf(pageTokens, repository, 'DescribeImages', all, maxResults, nextToken);
  return { imageDetails: page.map(detail), ...token };
}

/** One entry for each tag, and one for a manifest without any. */
async function listImages(
  { images, pageTokens, records }: ImageOperationsPorts,
  repository: Repository,
  { filter, maxResults = PAGE, nextToken }: ListImagesRequest,
): Promise<ListImagesResponse> {
  const tags = await images.tagsByDigest(repository);
  const ids = (await images.all(records.direct, repository)).flatMap(({ doc: { digest } }) => {
    const own = tags.get(digest) ?? [];
    if (!isWanted(filter?.tagStatus, own.length > 0)) return [];
    const named = own.map((imageTag): ImageIdentifier => ({ imageDigest: digest, imageTag }));
    return named.length > 0 ? named : [{ imageDigest: digest }];
  });
  const { page, token } = pageOf(pageTokens, repository, 'ListImages', ids, maxResults, nextToken);
  return { imageIds: [...page], ...token };
}

async function batchGetImage(
  { images, upstream }: ImageOperationsPorts,
  repository: Repository,
  { imageIds }: BatchGetImageRequest,
): Promise<BatchGetImageResponse> {
  if (!upstream) throw errors.notConfigured({});
  const { scope } = repository;
  const answer = { images: [] as ApiImage[], failures: [] as ImageFailure[] };
  for (const id of imageIds ?? []) {
    const found = await find(images, repository, id);
    if (!found) {
      answer.failures.push(missing(id));
      continue;
    }
    const { digest, mediaType } = found.doc;
    answer.images.push({
      ...{ registryId: scope.account, repositoryName: repository.doc.name },
      imageId: { imageDigest: digest, ...(id.imageTag === undefined ? {} : { imageTag: id.imageTag }) },
      imageManifest: await upstream.manifest(scope, repository.doc.name, digest),
      imageManifestMediaType: mediaType,
    });
  }
  return answer;
}

/** "If you remove the last tag, or give a digest, the image is deleted." */
async function batchDeleteImage(
  { images, upstream }: ImageOperationsPorts,
  repository: Repository,
  { imageIds }: BatchDeleteImageRequest,
): Promise<BatchDeleteImageResponse> {
  const answer = { imageIds: [] as ImageIdentifier[], failures: [] as ImageFailure[] };
  for (const id of imageIds ?? []) {
    const found = await find(images, repository, id);
    if (!found) {
      answer.failures.push(missing(id));
      continue;
    }
    const { digest } = found.doc;
    const own = (await images.tagsByDigest(repository)).get(digest) ?? [];
    const isLast = own.length <= 1;
    const gone = id.imageDigest === undefined && !isLast ? [id.imageTag!] : own;
    if (id.imageDigest === undefined && !isLast) await images.untag(repository, id.imageTag!);
    else {
      await images.remove(repository, digest);
      await upstream?.forget(repository.scope, repository.doc.name, digest);
    }
    const named = gone.map((imageTag) => ({ imageDigest: digest, imageTag }));
    answer.imageIds.push(...(named.length > 0 ? named : [{ imageDigest: digest }]));
  }
  return answer;
}

/** By digest, by tag, or by both, which must then agree. */
async function find(
  images: Images,
  repository: Repository,
  { imageDigest, imageTag }: ImageIdentifier,
): Promise<Image | undefined> {
  const reference = imageTag ?? imageDigest;
  const found = reference === undefined ? undefined : await images.find(repository, reference);
  return imageDigest !== undefined && found?.doc.digest !== imageDigest ? undefined : found;
}

async function required(images: Images, repository: Repository, id: ImageIdentifier): Promise<Image> {
  const found = await find(images, repository, id);
  if (found) return found;
  const image = Object.entries(id).map(([name, value]) => `${name}:'${value}'`);
  const { doc, scope } = repository;
  throw errors.imageMissing({ image: `{${image.join(', ')}}`, name: doc.name, registry: scope.account });
}

function missing(imageId: ImageIdentifier): ImageFailure {
  const { imageDigest, imageTag } = imageId;
  if (imageDigest === undefined && imageTag === undefined)
    return { imageId, failureCode: 'MissingDigestAndTag', failureReason: 'Give imageDigest or imageTag' };
  const isBoth = imageDigest !== undefined && imageTag !== undefined;
  return {
    imageId,
    failureCode: isBoth ? 'ImageTagDoesNotMatchDigest' : 'ImageNotFound',
    failureReason: isBoth ? 'The tag does not point to this digest' : 'Requested image not found',
  };
}

function detailOf(
  { doc: { name }, scope }: Repository,
  { doc }: Image,
  tags: readonly string[],
): ImageDetail {
  return {
    registryId: scope.account,
    repositoryName: name,
    imageDigest: doc.digest,
    ...(tags.length > 0 ? { imageTags: [...tags] } : {}),
    imageSizeInBytes: doc.size,
    imagePushedAt: new Date(doc.pushedAt),
    imageManifestMediaType: doc.mediaType,
  };
}

function isWanted(status: string | undefined, isTagged: boolean): boolean {
  return status === undefined || status === 'ANY' || (status === 'TAGGED') === isTagged;
}

function unique(images: readonly Image[]): readonly Image[] {
  return [...new Map(images.map((image) => [image.doc.digest, image])).values()];
}

/** Repositories have hundreds of images: a page is cut from all of them. */
function pageOf<Item>(
  tokens: PageTokens,
  { id, scope }: Repository,
  operation: string,
  all: readonly Item[],
  size: number,
  nextToken: string | undefined,
): { readonly page: readonly Item[]; readonly token: { readonly nextToken?: string } } {
  const binding = { scope, operation, filter: { repository: id } };
  const [start = 0] = nextToken === undefined ? [] : tokens.read(binding, nextToken);
  const end = Number(start) + size;
  const token = end < all.length ? { nextToken: tokens.issue(binding, [end]) } : {};
  return { page: all.slice(Number(start), end), token };
}
