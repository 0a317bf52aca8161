export { type ExportedFile, EXPORTS_PATH } from './export/exports.ts';
export { defaultLimits, type WorkflowLimits, type ZipLimits } from './limits.ts';
export type {
  CheckedDefinition,
  CodeConnections,
  DefinitionChecker,
  DefinitionDiagnostic,
  DefinitionInput,
  OmicsFileFacts,
  OmicsFiles,
  RunLogs,
} from './ports.ts';
export { createWorkflows, engineEntry, type Workflows, type WorkflowsOptions } from './workflows.ts';
export type { RunTimes, TaskTimes } from './run/run-times.ts';
export { type Subnets, subnetsFault } from './network/subnets.ts';
export { type Connection, type Connections, connectionsFault } from './repository/connection.ts';
export { priceFault, type Prices } from './pricing/prices.ts';
