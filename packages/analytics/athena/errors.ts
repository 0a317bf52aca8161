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
    remedy: 'This server has the work group primary.',
  },
  unknownCatalog: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'Catalog {name} was not found.',
    remedy: 'This server has the catalog AwsDataCatalog.',
  },
  unsupportedParameters: {
    code: 'InvalidRequestException',
    status: 400,
    message: 'ExecutionParameters are not supported.',
    remedy: 'Write the values into the query.',
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
