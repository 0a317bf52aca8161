import type { Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AnnotationStores } from './annotation-store/model.ts';
import type { VariantStores } from './variant-store/model.ts';

/** More stores than an account may have (the guide's quota is ten of each kind). */
const ALL_STORES = 1_000;

/** Which store was made with a reference, in words, so that storage does not delete it under the store. */
export function referenceUse(records: Records, variants: VariantStores, annotations: AnnotationStores) {
  return async (scope: Scope, referenceArn: string): Promise<string | undefined> => {
    const all = { limit: ALL_STORES };
    const [variantPage, annotationPage] = await Promise.all([
      variants.list(records.direct, scope, all),
      annotations.list(records.direct, scope, all),
    ]);
    const variant = variantPage.rows.find(({ doc }) => doc.referenceArn === referenceArn);
    if (variant) return `variant store ${variant.doc.name}`;
    const annotation = annotationPage.rows.find(({ doc }) => doc.referenceArn === referenceArn);
    return annotation && `annotation store ${annotation.doc.name}`;
  };
}
