export type Severity = 'error' | 'warning';

export interface DiagnosticDefinition {
  readonly severity: Severity;
  /** `{name}` is filled from the values given. */
  readonly message: string;
  /** What the author can do about it; empty where the message says it. */
  readonly remedy: string;
}

const error = (message: string, remedy = '') => ({ severity: 'error', message, remedy }) as const;
const warning = (message: string, remedy = '') => ({ severity: 'warning', message, remedy }) as const;

/** Everything that can be wrong with a WDL document before it runs. */
export const catalogue = {
  FileNotFound: error('{file} is not in the workflow definition.', 'Add the file, or correct the path.'),
  UnexpectedToken: error('Expected {expected}, found {found}.'),
  UnexpectedCharacter: error('Unexpected character {found}.'),
  UnterminatedString: error(
    'The string is not closed on its line.',
    'Close it with {quote}, or write \\n for a line break.',
  ),
  UnterminatedText: error('The text is not closed.', 'Close it with {close}.'),
  UnterminatedCommand: error('The command is not closed.', 'Close it with {close}.'),
  InvalidEscape: error('Invalid escape sequence {escape} in a string.'),
  InvalidNumber: error('{text} is not a number that WDL can hold.', 'Int is a signed 64-bit integer.'),
  NestedTooDeep: error(
    'The source is nested more than {limit} levels deep.',
    'Split it into several declarations.',
  ),
  VersionMissing: error(
    'The document does not begin with a version statement.',
    'Begin it with "version 1.0", "version 1.1" or "version 1.2"; documents without one (draft-2) are not supported.',
  ),
  VersionUnsupported: error('WDL version {version} is not supported.', 'Use 1.0, 1.1, 1.2 or development.'),
  ReservedWord: error('{name} is a reserved word and cannot be used as a name.', 'Choose another name.'),
  NeedsVersion: error('{feature} needs WDL version {version}.', 'Change the version statement.'),
  DuplicateSection: error('{owner} has more than one {section} section.', 'Join them.'),
  RuntimeAndRequirements: error(
    'Task {task} has a runtime section beside {section}.',
    'runtime is the older form; keep requirements and hints.',
  ),
  UnknownRequirement: error(
    'There is no requirement {name}.{suggestion}',
    'Put attributes of your own into the hints section.',
  ),
  CommandMissing: error('Task {task} has no command section.'),
  SecondWorkflow: error(
    'The document has more than one workflow.',
    'Move one to a file of its own and import it.',
  ),
  OutputWithoutValue: error('Output {name} has no value.', 'Every output declaration needs an expression.'),
  PlaceholderOption: error(
    'Unknown placeholder option {name}.',
    'The options are sep, true, false and default.',
  ),

  ImportNotFound: error(
    'The imported file {uri} is not in the workflow definition.',
    'Add it, or correct the path.',
  ),
  ImportRemote: error(
    'The import {uri} points outside the workflow definition.',
    'Put the file into the definition and import it by its path.',
  ),
  ImportCycle: error('The import of {uri} leads back to this document.'),
  ImportFaulty: error('The imported file {uri} has errors.'),
  DuplicateName: error('{name} is already declared at {where}.', 'Names are unique within their scope.'),
  DuplicateNamespace: error('The namespace {name} is already used.', 'Give the import a name with "as".'),
  StructConflict: error(
    'Struct {name} is already defined differently.',
    'Rename the imported one with "alias {name} as ...".',
  ),
  StructCycle: error('Struct {name} contains itself.'),
  AliasUnknown: error('The imported document has no struct {name}.'),
  UnknownType: error('There is no type {name}.', 'Struct types must be defined or imported.'),
  TypeParameters: error('Type {name} takes {count} parameters.'),
  NonEmptyQuantifier: error('The quantifier + applies to Array only.'),
  MapKey: error('{type} cannot be the key of a Map.', 'Keys are of a primitive type.'),

  UnknownName: error('There is no {name} in this scope.{suggestion}'),
  UnknownMember: error('{type} has no member {name}.{suggestion}'),
  NotStructured: error('{type} has no members.'),
  CallAsValue: error('{name} is a call, not a value.', 'Refer to one of its outputs: {name}.<output>.'),
  UnknownFunction: error('There is no function {name}.{suggestion}'),
  FunctionVersion: error('Function {name} needs WDL version {version}.', 'Change the version statement.'),
  FunctionOnlyInOutputs: error('{name}() can be used in the output section of a task only.'),
  ArgumentCount: error('{name}() takes {expected} arguments, not {found}.'),
  ArgumentType: error('Argument {number} of {name}() must be {expected}, not {found}.'),
  TypeMismatch: error('Expected {expected}, found {found}.{hint}'),
  OperandTypes: error('Operator {operator} does not apply to {operands}.'),
  MixedTypes: error('The {what} have no common type: {types}.'),
  NotIndexable: error('{type} cannot be indexed.', 'Only Array and Map can.'),
  NotInterpolable: error('{type} cannot be put into a string.{hint}'),
  ScatterType: error('A scatter needs an Array, not {found}.'),
  ConditionType: error('A condition must be Boolean, not {found}.'),
  StructMember: error('Struct {struct} needs the member {name}.'),

  NoWorkflow: error('{file} has no workflow.', 'Name the file that has one as main.'),
  UnknownCallee: error('There is no task or workflow {name}.{suggestion}'),
  UnknownCallInput: error('{callee} has no input {name}.{suggestion}'),
  DuplicateCallInput: error('Input {name} is given twice.'),
  MissingCallInput: error(
    'The required input {name} of {callee} is not given.',
    "Give it in the call's input.",
  ),
  CallOfItself: error('Workflow {name} calls itself.'),
  UnknownAfter: error('There is no call {name} to wait for.'),
  Cycle: error('{name} depends on itself: {path}.'),

  UnusedDeclaration: warning('{name} is declared and never used.'),
  UnusedInput: warning(
    'The input {name} is never used.',
    'Take it away, or whoever runs this is asked for nothing.',
  ),
  StringCoercion: warning('{found} becomes {expected} here.', 'Write it as what it is wanted as.'),
  UnusedImport: warning('The import {name} is never used.'),
  UnusedCallOutputs: warning('No output of call {name} is used.'),
  NotDefinedOutput: warning('{name} may be undefined here.'),
  OptionalCoercion: warning('{found} is used where {expected} is needed; the run fails if it is undefined.'),
  MixedIndentation: warning(
    'The command mixes tabs and spaces in its indentation, which is therefore kept as it is.',
  ),

  NoContainer: warning(
    'Task {task} names no container.',
    'It runs with the programs of whichever machine it meets; name an image to be sure of them.',
  ),
  UnknownRuntime: warning('The runtime attribute {name} has no meaning here.{suggestion}'),
  NameCollision: warning('{name} is also the name of {what}.'),
  UnknownParameter: warning('parameter_meta tells of {name}, which is no input or output.{suggestion}'),
  ImportVersion: warning(
    '{uri} is WDL {other}, this document {version}.',
    'The specification wants imports to be of the same version.',
  ),
} as const satisfies Record<string, DiagnosticDefinition>;

export type DiagnosticCode = keyof typeof catalogue;

type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The values that a definition's message and remedy need. */
export type DiagnosticValues<C extends DiagnosticCode> = Record<
  Placeholders<(typeof catalogue)[C]['message'] | (typeof catalogue)[C]['remedy']>,
  string | number
>;
