import { defineErrors } from '@helicase/kernel';

/** Athena's errors; where Athena's own words are known, they are used. */
export const athenaErrors = defineErrors({
  queryNotFound: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'QueryExecution {id} was not found',
    remedy: '',
  },
  noOutputLocation: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'No output location provided.',
    remedy: 'Give ResultConfiguration.OutputLocation, for example s3://bucket/results/.',
  },
  badOutputLocation: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'outputLocation is not a valid S3 path: {location}',
    remedy: '',
  },
  unknownWorkGroup: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'WorkGroup {name} is not found.',
    remedy: 'ListWorkGroups shows those there are.',
  },
  unknownCatalog: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'Catalog {name} was not found.',
    remedy: 'This server has the catalog AwsDataCatalog.',
  },
  wrongParameters: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'INVALID_PARAMETER_USAGE: Incorrect number of parameters: expected {expected} but found {found}',
    remedy: '',
  },
  badParameter: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'INVALID_PARAMETER_USAGE: {value} is no literal.',
    remedy: 'Give numbers as they are, text in single quotes, DATE and TIMESTAMP with their word.',
  },
  workGroupExists: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'WorkGroup {name} is already created',
    remedy: '',
  },
  workGroupDisabled: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'WorkGroup {name} is disabled.',
    remedy: 'UpdateWorkGroup with State ENABLED.',
  },
  workGroupNotEmpty: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'WorkGroup {name} is not empty',
    remedy: 'Give RecursiveDeleteOption.',
  },
  primaryStays: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'The work group primary cannot be deleted.',
    remedy: '',
  },
  unknownEngine: {
    code: 'InvalidRequestException',
    status: 400,
    message: '{version} is not available: this server runs Athena engine version 3.',
    remedy: 'Select AUTO or Athena engine version 3.',
  },
  namedQueryNotFound: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'NamedQuery {id} was not found',
    remedy: '',
  },
  preparedNotFound: {
    code: 'ResourceNotFoundException',
    status: 400,
    message: 'PreparedStatement {name} was not found in workGroup {workGroup}',
    remedy: '',
  },
  preparedExists: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'PreparedStatement {name} already exists.',
    remedy: '',
  },
  tokenReused: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'Idempotent parameters do not match',
    remedy: '',
  },
  notFinished: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'Query has not yet finished. Current state: {state}',
    remedy: '',
  },
  didNotSucceed: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'Query did not finish successfully. Final query state: {state}',
    remedy: '',
  },
  databaseNotFound: {
    code: 'MetadataException',
    status: 400,
    message: 'Database {name} not found.',
    remedy: '',
  },
  tableNotFound: {
    code: 'MetadataException',
    status: 400,
    message: 'Table {database}.{name} not found.',
    remedy: '',
  },
});
