import { hasFeaturesOf, type Version } from './document-node.ts';

/** Words that cannot be declared (specification 1.1, "Reserved Keywords"; 1.0 has the same without `None`). */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'Array Boolean File Float Int Map None Object Pair String alias as call command else false if in import ' +
    'input left meta object output parameter_meta right runtime scatter struct task then true version workflow'
  ).split(' '),
);

/** "env" came with `env` declarations, the others with their sections and type. */
const RESERVED_SINCE_1_2: ReadonlySet<string> = new Set(['Directory', 'env', 'hints', 'requirements']);

export function isReserved(word: string, version: Version): boolean {
  return RESERVED.has(word) || (RESERVED_SINCE_1_2.has(word) && hasFeaturesOf(version, '1.2'));
}
