import { defineErrors } from '@helicase/kernel';

/** CloudWatch's errors, as its JSON protocol names them. */
export const errors = defineErrors({
  badValue: {
    code: 'InvalidParameterValueException',
    status: 400,
    message: 'The parameter {name} is invalid: {reason}.',
    remedy: '',
  },
  badCombination: {
    code: 'InvalidParameterCombinationException',
    status: 400,
    message: '{reason}.',
    remedy: '',
  },
  missing: {
    code: 'MissingRequiredParameterException',
    status: 400,
    message: 'The parameter {name} is required.',
    remedy: '',
  },
  unsupported: {
    code: 'ValidationError',
    status: 400,
    message: '{what} is not supported here: {reason}.',
    remedy: '',
  },
  badExpression: {
    code: 'ValidationError',
    status: 400,
    message: 'Error in expression "{id}": {reason}.',
    remedy: '',
  },
  noAlarm: {
    code: 'ResourceNotFound',
    status: 404,
    message: 'There is no alarm {name}.',
    remedy: '',
  },
  badStateData: {
    code: 'InvalidFormatFault',
    status: 400,
    message: 'StateReasonData is not JSON: {reason}.',
    remedy: '',
  },
});
