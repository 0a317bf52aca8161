import { collectionFunctions } from './collections.ts';
import { fileFunctions } from './files.ts';
import type { LibraryFunction } from './function.ts';
import { numberFunctions } from './numbers.ts';
import { stringFunctions } from './strings.ts';

/** The standard library by name. */
export const functions: ReadonlyMap<string, LibraryFunction> = new Map(
  Object.entries({ ...numberFunctions, ...stringFunctions, ...collectionFunctions, ...fileFunctions }),
);
