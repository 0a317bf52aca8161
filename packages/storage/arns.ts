import { omicsArn, parseArn, type Scope } from '@helicase/kernel';

export const referenceStoreArn = (scope: Scope, store: string): string =>
  omicsArn(scope, `referenceStore/${store}`);

export const referenceArn = (scope: Scope, store: string, id: string): string =>
  omicsArn(scope, `referenceStore/${store}/reference/${id}`);

export const sequenceStoreArn = (scope: Scope, store: string): string =>
  omicsArn(scope, `sequenceStore/${store}`);

export const readSetArn = (scope: Scope, store: string, id: string): string =>
  omicsArn(scope, `sequenceStore/${store}/readSet/${id}`);

/** Store and id of a reference's ARN; undefined where it is none, or of another account or region. */
export function parseReferenceArn(scope: Scope, arn: string): { store: string; id: string } | undefined {
  const parts = parseArn(arn);
  const match = /^referenceStore\/([0-9]+)\/reference\/([0-9]+)$/.exec(parts?.resource ?? '');
  if (!match || !parts || parts.account !== scope.account || parts.region !== scope.region) return undefined;
  return { store: match[1]!, id: match[2]! };
}
