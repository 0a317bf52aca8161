import { errors } from '../errors.ts';
import type { Address } from './address.ts';
import type { S3Operation } from './operation.ts';

/** Query parameters that make a request something else. What no operation of ours takes is refused, never ignored. */
const SUBRESOURCES = new Set(
  `abac accelerate acl analytics append attributes cors delete encryption intelligent-tiering inventory legal-hold
  lifecycle list-type location logging metadataConfiguration metadataInventoryTable metadataJournalTable
  metadataTable metrics notification object-lock ownershipControls partNumber policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select select-type session tagging
  torrent uploadId uploads versioning versions website`.split(/\s+/),
);

/** Parameters that refine a read rather than make it another operation. */
const REFINING: Readonly<Record<string, readonly string[]>> = {
  GetObject: ['partNumber'],
  HeadObject: ['partNumber'],
};

interface Asked {
  readonly method: string;
  readonly address: Address;
  readonly query: URLSearchParams;
  readonly copies: boolean;
}

/** The entry of the table that a request asks for; NotImplemented or MethodNotAllowed where there is none. */
export function matchOperation(table: readonly S3Operation[], asked: Asked): S3Operation {
  const subresources = [...asked.query.keys()].filter((name) => SUBRESOURCES.has(name));
  const candidates = table.filter((operation) => isOn(operation, asked.address) && has(operation, asked));
  const best = candidates.sort((a, b) => weight(b) - weight(a))[0];
  const known = best ? [...namesOf(best), ...(REFINING[best.name] ?? [])] : [];
  const unknown = subresources.filter((name) => !known.includes(name));
  if (unknown.length > 0 && !(best && isVersionOneList(asked))) {
    throw errors.notImplemented({
      feature: `The subresource "${unknown.join('", "')}" with ${asked.method}`,
    });
  }
  if (!best) throw errors.methodNotAllowed({ method: asked.method });
  return best;
}

function isOn(operation: S3Operation, { bucket, key }: Address): boolean {
  if (bucket === undefined) return operation.on === 'service';
  if (key === undefined) return operation.on === 'bucket' || operation.on === 'name';
  return operation.on === 'object';
}

function has(operation: S3Operation, asked: Asked): boolean {
  if (operation.method !== asked.method || (operation.copies ?? false) !== asked.copies) return false;
  return (operation.requires ?? []).every((requirement) => {
    const [name, value] = requirement.split('=') as [string, string?];
    const given = asked.query.get(name);
    return given !== null && (value === undefined || given === value);
  });
}

/** `list-type=1` is how some clients ask for the first version. */
function isVersionOneList({ query }: Asked): boolean {
  return query.get('list-type') === '1';
}

function namesOf(operation: S3Operation): readonly string[] {
  return (operation.requires ?? []).map((requirement) => requirement.split('=')[0]!);
}

function weight(operation: S3Operation): number {
  return operation.requires?.length ?? 0;
}
