import { defineErrors } from '@helicase/kernel';

/** Glue's errors, with the codes of its API model. */
export const glueErrors = defineErrors({
  databaseNotFound: {
    code: 'EntityNotFoundException',
    status: 400,
    message: 'Database {name} not found.',
    remedy: '',
  },
  tableNotFound: {
    code: 'EntityNotFoundException',
    status: 400,
    message: 'Table {name} not found.',
    remedy: '',
  },
  badExpression: {
    code: 'InvalidInputException',
    status: 400,
    message: 'The expression {expression} is no regular expression over table names.',
    remedy: 'Give a name, or a pattern as "gene*".',
  },
  partitionNotFound: {
    code: 'EntityNotFoundException',
    status: 400,
    message: 'Cannot find partition.',
    remedy: '',
  },
  databaseExists: {
    code: 'AlreadyExistsException',
    status: 400,
    message: 'Database {name} already exists.',
    remedy: '',
  },
  tableExists: {
    code: 'AlreadyExistsException',
    status: 400,
    message: 'Table {name} already exists.',
    remedy: '',
  },
  storesOwn: {
    code: 'InvalidInputException',
    status: 400,
    message: '{name} belongs to a store of HealthOmics and is changed by its API.',
    remedy: 'CreateDatabase and CreateTable make resource links beside it.',
  },
  onlyLinks: {
    code: 'InvalidInputException',
    status: 400,
    message:
      'Table {name} has no TargetTable: here, tables are made by imports, and this catalog takes links to them.',
    remedy: 'Give TableInput.TargetTable.',
  },
});
