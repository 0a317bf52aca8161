import type { ConditionKeys } from '@helicase/wire';
import { parseTagHeader } from '../object/tags.ts';
import type { Call } from './call.ts';

/** S3's own condition keys of a request: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export function requestKeys({ query, header }: Call): ConditionKeys {
  const tags = parseTagHeader(header('x-amz-tagging'));
  return {
    's3:prefix': query.get('prefix') ?? undefined,
    's3:delimiter': query.get('delimiter') ?? undefined,
    's3:max-keys': query.get('max-keys') ?? undefined,
    's3:x-amz-copy-source': header('x-amz-copy-source'),
    's3:x-amz-server-side-encryption': header('x-amz-server-side-encryption'),
    's3:x-amz-server-side-encryption-aws-kms-key-id': header('x-amz-server-side-encryption-aws-kms-key-id'),
    's3:x-amz-content-sha256': header('x-amz-content-sha256'),
    's3:RequestObjectTagKeys': tags.length > 0 ? tags.map(([key]) => key) : undefined,
    ...Object.fromEntries(tags.map(([key, value]) => [`s3:RequestObjectTag/${key}`, value])),
  };
}
