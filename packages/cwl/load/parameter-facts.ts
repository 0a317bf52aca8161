import { DocumentError, type Position } from '../faults.ts';
import { isObject, type Value, type ValueObject } from '../value.ts';
import { oneOf, place } from './fields.ts';
import type { InputParameter, SecondaryFile } from './model.ts';

const LISTINGS = ['no_listing', 'shallow_listing', 'deep_listing'] as const;

/** What inputs, outputs and fields of records have in common, but name and type. */
export function readParameterFacts(
  object: ValueObject,
  near: Position,
  secondaryRequired = true,
): Omit<InputParameter, 'name' | 'type'> {
  const binding = object['inputBinding'];
  if (binding !== undefined && binding !== null && !isObject(binding)) {
    throw new DocumentError(place(object, 'inputBinding', near), '"inputBinding" must be an object.');
  }
  const listing = oneOf(object, 'loadListing', LISTINGS, near);
  return {
    secondaryFiles: readSecondaryFiles(
      object['secondaryFiles'],
      place(object, 'secondaryFiles', near),
      secondaryRequired,
    ),
    format: object['format'] ?? null,
    // CWL 1.0 and 1.1 have it in the binding.
    loadContents: object['loadContents'] === true || (isObject(binding) && binding['loadContents'] === true),
    ...(listing ? { loadListing: listing } : {}),
    ...(isObject(binding) ? { binding } : {}),
    ...(object['default'] === undefined ? {} : { default: object['default'] }),
    ...(typeof object['doc'] === 'string' ? { doc: object['doc'] } : {}),
    position: near,
  };
}

/** "If the pattern ends with ?, required is false"; the default is true for inputs and false for outputs. */
export function readSecondaryFiles(
  value: Value | undefined,
  near: Position,
  required: boolean,
): SecondaryFile[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => readSecondaryFiles(one, near, required));
  if (typeof value === 'string') {
    const isExpression = /\$[({]/.test(value);
    if (!isExpression && value.endsWith('?')) return [{ pattern: value.slice(0, -1), required: false }];
    return [{ pattern: value, required }];
  }
  if (!isObject(value) || typeof value['pattern'] !== 'string') {
    throw new DocumentError(near, 'Each of "secondaryFiles" is a pattern, or an object with "pattern".');
  }
  const unknown = Object.keys(value).find((name) => name !== 'pattern' && name !== 'required');
  if (unknown)
    throw new DocumentError(place(value, unknown, near), `secondaryFiles have no member "${unknown}".`);
  const own = value['required'];
  const [first] = readSecondaryFiles(value['pattern'], near, required);
  return [
    {
      pattern: first!.pattern,
      required: typeof own === 'boolean' || typeof own === 'string' ? own : first!.required,
    },
  ];
}
