export { checkDefinition, type CheckResult, type Diagnostic, type ProcessInput } from './check/check.ts';
export { cwlEngine, definitionFolder } from './engine/engine.ts';
export { type Position, UnsupportedError } from './faults.ts';
export { checksumOf } from './files/run-files.ts';
export { decimal } from './expression/json-text.ts';
export type { DefinitionReader } from './load/documents.ts';
export { parseSource } from './load/yaml-source.ts';
export type { Value, ValueObject } from './value.ts';
