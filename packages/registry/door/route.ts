/** One request of the OCI distribution specification, by what ECR calls it. */
export interface Route {
  readonly kind: 'manifest' | 'blob' | 'upload' | 'tags';
  /** The repository as the client names it. */
  readonly name: string;
  /** A tag or a digest of a manifest, the digest of a blob, the id of an upload; '' where one is begun. */
  readonly reference: string;
  /** ECR's operation for it, which policies name. */
  readonly operation: string;
  readonly readOnly: boolean;
}

/** The specification's `<name>`. */
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
/**
 * What is passed on is spelt out to the last letter: an encoded slash (`..%2F..%2Fother`) would be a path to the registry
 * behind, and lead out of the repository.
 */
const PATH = new RegExp(
  `^/v2/(?<name>${PART}(?:/${PART})*)/(?:manifests/(?<manifest>[A-Za-z0-9_:.-]+)|` +
    'blobs/uploads/(?<upload>[A-Za-z0-9_=-]*)|blobs/(?<blob>[a-z0-9]+:[0-9a-f]{32,128})|(?<tags>tags/list))$',
);

/** Layers are pushed and pulled by these: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
const OPERATIONS = {
  manifest: {
    GET: 'BatchGetImage',
    HEAD: 'BatchGetImage',
    PUT: 'PutImage',
    DELETE: 'BatchDeleteImage',
  },
  blob: { GET: 'GetDownloadUrlForLayer', HEAD: 'BatchCheckLayerAvailability' },
  upload: {
    POST: 'InitiateLayerUpload',
    GET: 'UploadLayerPart',
    PATCH: 'UploadLayerPart',
    PUT: 'CompleteLayerUpload',
    DELETE: 'UploadLayerPart',
  },
  tags: { GET: 'ListImages' },
} as const satisfies Record<Route['kind'], Partial<Record<string, string>>>;

/** Undefined where it is none that this registry has. */
export function routeOf(method: string, path: string): Route | undefined {
  const groups = PATH.exec(decoded(path))?.groups;
  if (!groups) return undefined;
  const kind = (['manifest', 'upload', 'blob', 'tags'] as const).find((each) => groups[each] !== undefined)!;
  const operation = (OPERATIONS[kind] as Partial<Record<string, string>>)[method];
  if (operation === undefined) return undefined;
  const readOnly = /^(BatchGet|GetDownload|BatchCheck|List)/.test(operation);
  return { kind, name: groups['name']!, reference: groups[kind]!, operation, readOnly };
}

/** A digest's colon may come percent-encoded; a slash so encoded would make another path of it. */
function decoded(path: string): string {
  return path.replaceAll(/%3a/gi, ':');
}
