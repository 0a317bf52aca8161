import { defineErrors } from '@helicase/kernel';

/** Lake Formation's errors, with the codes of its API model. */
export const lakeErrors = defineErrors({
  badInput: { code: 'InvalidInputException', status: 400, message: '{what}.', remedy: '' },
  notGranted: {
    code: 'InvalidInputException',
    status: 400,
    message: 'No permissions revoked. Grantee has no permissions on this resource.',
    remedy: 'ListPermissions shows those there are.',
  },
  notAllowed: {
    code: 'AccessDeniedException',
    status: 400,
    message: 'Insufficient Lake Formation permissions: {principal} is no data lake administrator.',
    remedy: 'The root or an administrator (PutDataLakeSettings) may do this.',
  },
  tableNotFound: {
    code: 'EntityNotFoundException',
    status: 400,
    message: 'There is no table {table} in the database {database}.',
    remedy: '',
  },
  badCondition: {
    code: 'InvalidInputException',
    status: 400,
    message: 'The row filter {condition} cannot be enforced: {reason}',
    remedy: 'Give one condition over the columns of the table.',
  },
  filterExists: {
    code: 'AlreadyExistsException',
    status: 400,
    message: 'The data cells filter {name} exists already.',
    remedy: '',
  },
  filterNotFound: {
    code: 'EntityNotFoundException',
    status: 400,
    message: 'There is no data cells filter {name} on {database}.{table}.',
    remedy: '',
  },
});
