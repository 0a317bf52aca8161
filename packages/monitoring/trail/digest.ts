import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DigestSigner } from './signing-key.ts';
import {
  dayPath,
  keyStart,
  type LastDigest,
  type RegionDelivery,
  stamp,
  type Trail,
  wholeSeconds,
} from './trail.ts';

/** CloudTrail delivers a digest an hour. */
const HOUR = 60 * 60 * 1000;

/** When the digest that is due ends: at the full hour, or now where it is the last one; undefined where none is due. */
export function digestEnd({ digestedTo }: RegionDelivery, now: number, isLast: boolean): number | undefined {
  const second = Math.floor(now / 1000) * 1000;
  const end = isLast ? second : Math.floor(now / HOUR) * HOUR;
  return end > digestedTo ? end : undefined;
}

export interface Digest extends LastDigest {
  readonly gzipped: Buffer;
  /** As the object's metadata carry it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The files of a region since the last digest, with their hashes, chained to that digest and signed. */
export async function digestOf(
  { doc, id: name, scope: { account, region: home } }: Trail,
  region: string,
  { digestedTo, files, lastDigest }: RegionDelivery,
  end: number,
  signer: DigestSigner,
): Promise<Digest> {
  const { bucket } = doc;
  const file = `${account}_CloudTrail-Digest_${region}_${name}_${home}_${stamp(end, 'seconds')}.json.gz`;
  const key = `${keyStart(doc, account)}/CloudTrail-Digest/${region}/${dayPath(end)}/${file}`;
  const text = JSON.stringify({
    ...{ awsAccountId: account, digestStartTime: wholeSeconds(digestedTo), digestEndTime: wholeSeconds(end) },
    ...{ digestS3Bucket: bucket, digestS3Object: key },
    ...{ digestPublicKeyFingerprint: signer.fingerprint, digestSignatureAlgorithm: 'SHA256withRSA' },
    newestEventTime:
      files
        .map(({ newest }) => newest)
        .sort()
        .at(-1) ?? null,
    oldestEventTime: files.map(({ oldest }) => oldest).sort()[0] ?? null,
    previousDigestS3Bucket: lastDigest?.bucket ?? null,
    previousDigestS3Object: lastDigest?.key ?? null,
    previousDigestHashValue: lastDigest?.hash ?? null,
    previousDigestHashAlgorithm: lastDigest ? 'SHA-256' : null,
    previousDigestSignature: lastDigest?.signature ?? null,
    logFiles: files.map((of) => ({
      ...{ s3Bucket: of.bucket, s3Object: of.key, hashValue: of.hash, hashAlgorithm: 'SHA-256' },
      ...{ newestEventTime: of.newest, oldestEventTime: of.oldest },
    })),
  });
  const hash = createHash('sha256').update(text).digest('hex');
  // "The string to sign" of CloudTrail's digest file structure.
  const signature = signer.sign(
    [wholeSeconds(end), `${bucket}/${key}`, hash, lastDigest?.signature ?? 'null'].join('\n'),
  );
  return {
    ...{ bucket, key, hash, signature },
    gzipped: await promisify(gzip)(text),
    metadata: { signature, 'signature-algorithm': 'SHA256withRSA' },
  };
}
