import type { Scope } from '@helicase/kernel';
import { errors } from '../errors.ts';

export interface OmicsUri {
  readonly scope: Scope;
  readonly store: string;
  readonly kind: 'readSet' | 'reference';
  readonly id: string;
  /** `source1` of a read set and `source` of a reference where the URI is the short form. */
  readonly file: 'source1' | 'source2' | 'source' | 'index';
}

const FORM =
  /^omics:\/\/([0-9]{12})\.storage\.([a-z0-9-]+)\.amazonaws\.com\/([0-9]+)\/(readSet|reference)\/([0-9]+)(?:\/(source1|source2|source|index))?$/i;

/** The parts of a HealthOmics storage URI as the guide writes them; ValidationException for any other text. */
export function parseOmicsUri(uri: string): OmicsUri {
  const match = FORM.exec(uri);
  if (!match) throw errors.badOmicsUri({ uri });
  const [, account, region, store, noun, id, file] = match;
  const kind = noun!.toLowerCase() === 'readset' ? 'readSet' : 'reference';
  const named = (file?.toLowerCase() ?? (kind === 'readSet' ? 'source1' : 'source')) as OmicsUri['file'];
  const fits = kind === 'readSet' ? named !== 'source' : named === 'source' || named === 'index';
  if (!fits) throw errors.badOmicsUri({ uri });
  return { scope: { account: account!, region: region! }, store: store!, kind, id: id!, file: named };
}
