import type { ETagAlgorithm, ETagAlgorithmFamily } from '@aws-sdk/client-omics';
import type { DigestAlgorithm } from '@helicase/formats';

/** The digest of each ETag family. */
export const DIGESTS: { readonly [F in ETagAlgorithmFamily]: DigestAlgorithm } = {
  MD5up: 'md5',
  SHA256up: 'sha256',
  SHA512up: 'sha512',
};

/** `BAM_MD5up` and so on; uBAM is digested as BAM (the guide, "How ETags are calculated"). */
export function etagAlgorithm(fileType: string, family: ETagAlgorithmFamily): ETagAlgorithm {
  const type = fileType === 'UBAM' ? 'BAM' : fileType;
  return `${type}_${family}` as ETagAlgorithm;
}
