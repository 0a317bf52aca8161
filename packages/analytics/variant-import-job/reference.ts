import type { MaterializedReference, ReferenceContigs } from '../ports.ts';
import type { Run } from './import-item.ts';
import type { ImportJobDoc } from './model.ts';

/** The store's reference while a job runs. */
export interface OpenReference {
  /** Contigs that the reference has; undefined where the reference is gone, and nothing can be compared. */
  readonly contigs: ReadonlySet<string> | undefined;
  /** Present where the job normalizes. */
  readonly files: MaterializedReference | undefined;
  release(): Promise<void>;
}

export async function openReference(
  ports: { readonly references: ReferenceContigs },
  run: Run,
  doc: ImportJobDoc,
): Promise<OpenReference> {
  const { references } = ports;
  const { referenceArn } = doc;
  // Only a TSV store with generic annotations has none.
  if (referenceArn === undefined) return { contigs: undefined, files: undefined, release: async () => {} };
  const found = await references.find(run.actor, referenceArn);
  const wanted = doc.runLeftNormalization && references.materialize;
  const files = wanted ? await references.materialize!(run.actor, referenceArn) : undefined;
  return {
    contigs: found && new Set(found.contigs.map(({ name }) => name)),
    files,
    release: async () => files?.release(),
  };
}
