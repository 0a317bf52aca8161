import { createHash } from 'node:crypto';

/** What a manifest says of its image. */
export interface ManifestFacts {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
}

interface Descriptor {
  readonly size?: unknown;
}
interface Manifest {
  readonly mediaType?: unknown;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

/** Undefined where it is no manifest of the OCI image specification or of Docker's schema 2. */
export function manifestFacts(body: Buffer, contentType: string | undefined): ManifestFacts | undefined {
  const manifest = parse(body);
  if (!manifest || !(manifest.config || Array.isArray(manifest.manifests))) return undefined;
  const { layers = [], config, manifests = [] } = manifest;
  const mediaType = typeof manifest.mediaType === 'string' ? manifest.mediaType : contentType;
  if (mediaType === undefined || !Array.isArray(layers)) return undefined;
  const parts = [...(config ? [config] : []), ...layers, ...manifests];
  const size = parts.reduce((total, part) => total + (Number(part.size) || 0), 0);
  return { digest: `sha256:${createHash('sha256').update(body).digest('hex')}`, mediaType, size };
}

function parse(body: Buffer): Manifest | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
