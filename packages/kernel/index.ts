export { closestName } from './closest-name.ts';
export { type BuildOptions, buildProgram, type BuiltProgram, type ProgramSources } from './build-program.ts';
export { type Arn, omicsArn, parseArn } from './arn.ts';
export { type CommandOptions, type CommandResult, runCommand } from './command.ts';
export { type Clock, type Log, type Random, silentLog, systemClock, systemRandom } from './effects.ts';
export { defineErrors, type ErrorCatalogue, type ErrorDefinition, ServiceError } from './errors.ts';
export { Ids } from './ids.ts';
export { isRecord } from './is-record.ts';
export { giveBack, lend } from './lent.ts';
export type { TaggedResource, TaggedResources, Tags } from './tags.ts';
export {
  type Actor,
  type CustomerKeys,
  limitIn,
  type NarrowCredentials,
  type ObjectKeys,
  type Principal,
  type RolePassing,
  rolePrincipal,
  type Roles,
  rootPrincipal,
  type Scope,
  type ScopeLimit,
  type Session,
  type SharedResources,
  type TemporaryCredentials,
} from './scope.ts';
