import type { StoreOptions, TsvStoreOptions, TsvVersionOptions } from '@aws-sdk/client-omics';
import { type LayoutKey, layoutProblem, type SchemaType, type TsvLayout } from '../tsv/layout.ts';
import { annotationErrors } from './errors.ts';
import type { StoreFormat } from './model.ts';

/** The layout that a request's TSV options make. Throws where they are wrong, or where the format has none. */
export function layoutOf(
  format: StoreFormat,
  options: TsvStoreOptions | TsvVersionOptions | undefined,
): TsvLayout | undefined {
  if (format !== 'TSV') {
    if (options) throw annotationErrors.tsvOptionsMisplaced({ format });
    return undefined;
  }
  const columns = (options?.schema ?? []).flatMap((item) => Object.entries(item));
  const named = Object.entries(options?.formatToHeader ?? {});
  const layout: TsvLayout = {
    annotationType: options?.annotationType ?? 'GENERIC',
    formatToHeader: Object.fromEntries(named.map(([key, name]) => [key as LayoutKey, name.toLowerCase()])),
    schema: columns.map(([name, type]) => ({ name: name.toLowerCase(), type: type as SchemaType })),
  };
  const problem = layoutProblem(layout);
  if (problem) throw annotationErrors.badLayout({ problem });
  return layout;
}

/** The member of a version's answers that tells its layout; nothing for stores of other formats. */
export function versionOptionsOf(layout: TsvLayout | undefined) {
  return layout ? { versionOptions: { tsvVersionOptions: tsvOptionsOf(layout) } } : {};
}

/** The layout as the API answers it. */
export function tsvOptionsOf({ annotationType, formatToHeader, schema }: TsvLayout): TsvStoreOptions {
  return {
    annotationType,
    formatToHeader: { ...formatToHeader },
    schema: schema.map(({ name, type }) => ({ [name]: type })),
  };
}

export function storeOptionsOf(layout: TsvLayout | undefined): { storeOptions?: StoreOptions } {
  return layout ? { storeOptions: { tsvStoreOptions: tsvOptionsOf(layout) } } : {};
}
