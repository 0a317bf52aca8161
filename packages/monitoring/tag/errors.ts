import { defineErrors } from '@helicase/kernel';

const validation = { code: 'ValidationException', status: 400 } as const;
const invalid = { code: 'InvalidParameterException', status: 400 } as const;

/** What the guide's "Tagging requirements" refuse, and what the Resource Groups Tagging API cannot read. */
export const errors = defineErrors({
  resourceNotFound: {
    code: 'ResourceNotFoundException',
    status: 404,
    message: 'No resource with tags has the ARN {arn} in this account and Region.',
    remedy: '',
  },
  reserved: {
    ...validation,
    message: 'Tag key {key} begins with aws:, which is reserved.',
    remedy: 'Choose a key without that prefix.',
  },
  keyLength: {
    ...validation,
    message: 'A tag key has {length} characters; it must have between 1 and 128.',
    remedy: '',
  },
  valueTooLong: {
    ...validation,
    message: 'The value of tag {key} has {length} characters; at most 256 are allowed.',
    remedy: '',
  },
  characters: {
    ...validation,
    message: '{what} has a character that is not allowed.',
    remedy: 'Use letters, digits, white space and _ . : / = + - @.',
  },
  tooMany: {
    ...validation,
    message: 'The resource would have {count} tags; at most {most} are allowed.',
    remedy: 'Remove tags that are no longer needed.',
  },
  arnsWithFilters: {
    ...invalid,
    message: 'ResourceARNList cannot be given together with {member}.',
    remedy: '',
  },
});
