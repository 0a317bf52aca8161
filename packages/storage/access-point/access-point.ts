import { createHash } from 'node:crypto';
import { parseArn, type Scope } from '@helicase/kernel';

/** The S3 access point that every store has (the guide, "Accessing and managing read sets with Amazon S3 URIs"). */
export interface AccessPoint {
  readonly scope: Scope;
  readonly kind: 'sequenceStore' | 'referenceStore';
  readonly store: string;
}

/** A bucket name has 63 characters at most: what the account, the store's id and the ending leave. */
const SUFFIX = 22;
const NAME = /^([0-9]{12})-([0-9]+)$/;
const ALIAS = /^([0-9]{12})-([0-9]+)-[a-z0-9]+-s3alias$/;
const NOUNS = { sequenceStore: 'readSet', referenceStore: 'reference' } as const;

export function accessPointArn({ scope, store }: Omit<AccessPoint, 'kind'>): string {
  return `arn:aws:s3:${scope.region}:${scope.account}:accesspoint/${scope.account}-${store}`;
}

/** The name that clients use as a bucket: it follows from the ARN, so that it is the same for ever. */
export function accessPointAlias(point: Omit<AccessPoint, 'kind'>): string {
  const digest = createHash('sha256')
    .update(`alias of ${accessPointArn(point)}`)
    .digest('hex');
  const suffix = BigInt(`0x${digest}`).toString(36).slice(-SUFFIX).padStart(SUFFIX, '0');
  return `${point.scope.account}-${point.store}-${suffix}-s3alias`;
}

/** What the keys of a store's files begin with: `123456789012/sequenceStore/1/`. */
export function storePrefix({ scope, kind, store }: AccessPoint): string {
  return `${scope.account}/${kind}/${store}/`;
}

/** What comes before the ids in the keys: `123456789012/sequenceStore/1/readSet/`. */
export function resourcePrefix(point: AccessPoint): string {
  return `${storePrefix(point)}${NOUNS[point.kind]}/`;
}

export function storeUri(point: AccessPoint): string {
  return `s3://${accessPointAlias(point)}/${storePrefix(point)}`;
}

/** The URI of one file of a read set or a reference. */
export function fileUri(point: AccessPoint, id: string, name: string): string {
  return `s3://${accessPointAlias(point)}/${resourcePrefix(point)}${id}/${name}`;
}

/** Account and store that an alias is of; undefined where it is none of this region. */
export function parseAlias(region: string, bucket: string): Omit<AccessPoint, 'kind'> | undefined {
  const match = ALIAS.exec(bucket);
  if (!match) return undefined;
  const point = { scope: { account: match[1]!, region }, store: match[2]! };
  return accessPointAlias(point) === bucket ? point : undefined;
}

/** Account, region and store that an access point's ARN names. */
export function parseAccessPointArn(arn: string): Omit<AccessPoint, 'kind'> | undefined {
  const parts = parseArn(arn);
  const match = NAME.exec(/^accesspoint\/(.+)$/.exec(parts?.resource ?? '')?.[1] ?? '');
  if (!parts || !match || parts.service !== 's3' || match[1] !== parts.account) return undefined;
  return { scope: { account: parts.account, region: parts.region }, store: match[2]! };
}
