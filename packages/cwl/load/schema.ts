import type { CwlVersion } from './model.ts';

/**
 * The fields of each kind of object, as the specifications' schemas have them. What is in a field is told by a word
 * (`text`, `texts`: one or a list), by the names that are allowed, or by the kind of object in it.
 */
export type Field =
  | Word
  | readonly string[]
  | { readonly record: string }
  /** A list of objects, or a map from `key` to an object or to the value of `value` alone. */
  | { readonly list: string; readonly key: string; readonly value?: string }
  | { readonly since: CwlVersion; readonly field: Field };

export type Word = 'any' | 'text' | 'texts' | 'boolean' | 'integers' | 'text-or-boolean';

type Fields = Readonly<Record<string, Field>>;

const since = (version: CwlVersion, field: Field): Field => ({ since: version, field });
const LISTING = ['no_listing', 'shallow_listing', 'deep_listing'];
const PICK = since('v1.2', ['first_non_null', 'the_only_non_null', 'all_non_null']);
const MERGE = ['merge_nested', 'merge_flattened'];

const DESCRIBED: Fields = { label: 'text', doc: 'texts' };
const SCHEMA_BASE: Fields = { class: 'text', id: 'text', ...DESCRIBED };
const PROCESS: Fields = {
  ...SCHEMA_BASE,
  ...{ cwlVersion: 'text', requirements: 'any', hints: 'any' },
  intent: since('v1.2', 'texts'),
};
const LOADED: Fields = {
  loadContents: since('v1.1', 'boolean'),
  loadListing: since('v1.1', LISTING),
};
const PARAMETER: Fields = {
  ...{ id: 'text', ...DESCRIBED, type: 'any', format: 'texts', streamable: 'boolean' },
  secondaryFiles: 'any',
};
const INPUT: Fields = {
  ...{ ...PARAMETER, ...LOADED, default: 'any' },
  inputBinding: { record: 'InputBinding' },
};
const OUTPUT: Fields = { ...PARAMETER, outputBinding: { record: 'OutputBinding' } };
const LINK: Fields = { linkMerge: MERGE, pickValue: PICK };
const inputs: Field = { list: 'InputParameter', key: 'id', value: 'type' };

const RECORDS: Readonly<Record<string, Fields>> = {
  CommandLineTool: {
    ...{ ...PROCESS, inputs, outputs: { list: 'OutputParameter', key: 'id', value: 'type' } },
    ...{ baseCommand: 'texts', arguments: 'any', stdin: 'text', stdout: 'text', stderr: 'text' },
    ...{ successCodes: 'integers', temporaryFailCodes: 'integers', permanentFailCodes: 'integers' },
  },
  ExpressionTool: {
    ...{ ...PROCESS, inputs, outputs: { list: 'OutputParameter', key: 'id', value: 'type' } },
    expression: 'text',
  },
  Operation: { ...PROCESS, inputs, outputs: { list: 'OutputParameter', key: 'id', value: 'type' } },
  Workflow: {
    ...{ ...PROCESS, inputs, outputs: { list: 'WorkflowOutput', key: 'id', value: 'type' } },
    steps: { list: 'WorkflowStep', key: 'id' },
  },
  InputParameter: INPUT,
  OutputParameter: OUTPUT,
  WorkflowOutput: { ...OUTPUT, ...LINK, outputSource: 'texts' },
  WorkflowStep: {
    ...{ id: 'text', ...DESCRIBED, run: 'any', requirements: 'any', hints: 'any', out: 'any' },
    in: { list: 'StepInput', key: 'id', value: 'source' },
    ...{ scatter: 'texts', scatterMethod: ['dotproduct', 'nested_crossproduct', 'flat_crossproduct'] },
    when: since('v1.2', 'text'),
    loop: since('v1.3', { list: 'LoopInput', key: 'id', value: 'loopSource' }),
    outputMethod: since('v1.3', ['last_iteration', 'all_iterations']),
  },
  StepInput: {
    ...{ id: 'text', label: 'text', source: 'texts', ...LINK, ...LOADED, default: 'any', valueFrom: 'text' },
  },
  LoopInput: {
    id: 'text',
    loopSource: 'texts',
    outputSource: since('v1.3', 'texts'),
    ...LINK,
    default: 'any',
    valueFrom: 'text',
  },
  InputBinding: {
    ...{ position: 'any', prefix: 'text', separate: 'boolean', itemSeparator: 'text', valueFrom: 'text' },
    ...{ shellQuote: 'boolean', loadContents: 'boolean' },
  },
  OutputBinding: {
    glob: 'texts',
    loadContents: 'boolean',
    loadListing: since('v1.1', LISTING),
    outputEval: 'text',
  },
  InlineJavascriptRequirement: { class: 'text', expressionLib: 'texts' },
  SchemaDefRequirement: { class: 'text', types: 'any' },
  LoadListingRequirement: { class: 'text', loadListing: LISTING },
  DockerRequirement: {
    ...{ class: 'text', dockerPull: 'text', dockerLoad: 'text', dockerFile: 'any', dockerImport: 'text' },
    ...{ dockerImageId: 'text', dockerOutputDirectory: 'text' },
  },
  SoftwareRequirement: { class: 'text', packages: 'any' },
  InitialWorkDirRequirement: { class: 'text', listing: 'any' },
  EnvVarRequirement: { class: 'text', envDef: { list: 'EnvironmentDef', key: 'envName', value: 'envValue' } },
  EnvironmentDef: { envName: 'text', envValue: 'text' },
  ShellCommandRequirement: { class: 'text' },
  ResourceRequirement: {
    ...{ class: 'text', coresMin: 'any', coresMax: 'any', ramMin: 'any', ramMax: 'any' },
    ...{ tmpdirMin: 'any', tmpdirMax: 'any', outdirMin: 'any', outdirMax: 'any' },
  },
  WorkReuse: { class: 'text', enableReuse: 'text-or-boolean' },
  NetworkAccess: { class: 'text', networkAccess: 'text-or-boolean' },
  InplaceUpdateRequirement: { class: 'text', inplaceUpdate: 'boolean' },
  ToolTimeLimit: { class: 'text', timelimit: 'any' },
  SubworkflowFeatureRequirement: { class: 'text' },
  ScatterFeatureRequirement: { class: 'text' },
  MultipleInputFeatureRequirement: { class: 'text' },
  StepInputExpressionRequirement: { class: 'text' },
  CUDARequirement: {
    ...{ class: 'text', cudaVersionMin: 'text', cudaComputeCapability: 'texts' },
    ...{ cudaDeviceCountMin: 'any', cudaDeviceCountMax: 'any' },
  },
  Secrets: { class: 'text', secrets: 'texts' },
  Loop: {
    ...{ class: 'text', loopWhen: 'text', outputMethod: ['last', 'all'] },
    loop: { list: 'LoopInput', key: 'id', value: 'loopSource' },
  },
};

/** The fields of a kind of object; undefined where the specifications have no such kind. */
export function fieldsOf(record: string): Fields | undefined {
  return Object.hasOwn(RECORDS, record) ? RECORDS[record] : undefined;
}
