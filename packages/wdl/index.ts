export { checkDefinition, type CheckRequest, type CheckResult } from './check/check.ts';
export type { WorkflowInput } from './check/inputs.ts';
export type { DefinitionReader } from './check/loader.ts';
export type { DiagnosticCode, Severity } from './diagnostics/catalogue.ts';
export { type Diagnostic, DiagnosticError } from './diagnostics/diagnostic.ts';
export { formatDiagnostic } from './diagnostics/excerpt.ts';
export {
  definitionFolder,
  lenientWdlEngine,
  runDefinition,
  type RunOptions,
  wdlEngine,
} from './engine/engine.ts';
export { parameterTypeProblems, type TypedInput } from './engine/parameter-types.ts';
export type { DocumentNode } from './syntax/document-node.ts';
export { parseDocument } from './syntax/document-parser.ts';
