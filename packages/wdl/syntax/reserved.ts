/** Words that cannot be declared (specification 1.1, "Reserved Keywords"; 1.0 has the same without `None`). */
export const RESERVED: ReadonlySet<string> = new Set(
  (
    'Array Boolean File Float Int Map None Object Pair String alias as call command else false if in import ' +
    'input left meta object output parameter_meta right runtime scatter struct task then true version workflow'
  ).split(' '),
);
