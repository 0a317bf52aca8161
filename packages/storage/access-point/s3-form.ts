import { parseArn } from '@helicase/kernel';
import { type AccessPoint, accessPointAlias, resourcePrefix } from './access-point.ts';

const RESOURCE = /^(?<kind>sequenceStore|referenceStore)\/(?<store>\d+)\/(?:readSet|reference)\/(?<id>\d+)$/;
const READS: readonly string[] = ['omics:getreadset', 'omics:getreference'];

/**
 * The same bytes by the other way: who may read a read set or a reference by HealthOmics' API and who by S3 are two
 * questions. Undefined for what has no other way.
 */
export function s3Form(
  action: string,
  arn: string,
): { readonly action: string; readonly resource: string } | undefined {
  const { account = '', region = '', resource = '', service } = parseArn(arn) ?? {};
  const { kind, store, id } = RESOURCE.exec(resource)?.groups ?? {};
  if (service !== 'omics' || id === undefined || !READS.includes(action.toLowerCase())) return undefined;
  const point = { scope: { account, region }, store: store!, kind: kind as AccessPoint['kind'] };
  return {
    action: 's3:GetObject',
    resource: `arn:aws:s3:::${accessPointAlias(point)}/${resourcePrefix(point)}${id}/*`,
  };
}
