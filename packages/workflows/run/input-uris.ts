import type { DefinitionInput } from '../ports.ts';

/** A URI that the run will read, and which parameter names it. */
export interface InputUri {
  readonly uri: string;
  readonly parameter: string;
}

/** Types made of these alone hold no files: their values are left alone even where they look like URIs. */
const PLAIN = new Set([
  ...['String', 'Int', 'Float', 'Boolean', 'Array', 'Map', 'Pair'],
  ...['string', 'int', 'long', 'float', 'double', 'boolean', 'null', 'array'],
]);

const STORAGE = /^(?:s3|omics):\/\//;

/** Every s3:// and omics:// text in the parameters whose input may hold files; each once. */
export function inputUris(
  parameters: Readonly<Record<string, unknown>>,
  inputs: readonly DefinitionInput[],
): readonly InputUri[] {
  const found = new Map<string, InputUri>();
  for (const { name, type } of inputs) {
    if (isPlain(type)) continue;
    for (const text of texts(parameters[name])) {
      if (STORAGE.test(text) && !found.has(text)) found.set(text, { uri: text, parameter: name });
    }
  }
  return [...found.values()];
}

/** Inputs of type File whose value has another scheme: `file://`, `https://`, a bare path. */
export function foreignUris(
  parameters: Readonly<Record<string, unknown>>,
  inputs: readonly DefinitionInput[],
): readonly InputUri[] {
  return inputs
    .filter(({ type }) => /^(?:File|Directory)\??$|^Array\[(?:File|Directory)\??\]\+?\??$/.test(type))
    .flatMap(({ name }) => texts(parameters[name]).map((uri) => ({ uri, parameter: name })))
    .filter(({ uri }) => !STORAGE.test(uri));
}

function isPlain(type: string): boolean {
  return (type.match(/\w+/g) ?? []).every((word) => PLAIN.has(word));
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  if (!('class' in value)) return Object.values(value).flatMap(texts);
  // A File or Directory object of CWL: beside its place it has texts that are none.
  const { listing, location, path, secondaryFiles } = value as Readonly<Record<string, unknown>>;
  return [location, path, secondaryFiles, listing].flatMap(texts);
}
