import { defineErrors } from '@helicase/kernel';

export const errors = defineErrors({
  unknownService: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'There are no prices of the service "{code}".',
    remedy: 'The only service of this price list is AmazonOmics.',
  },
  filterUnknown: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'The filter type {type} is none of TERM_MATCH, EQUALS, CONTAINS, ANY_OF, NONE_OF.',
    remedy: '',
  },
});
