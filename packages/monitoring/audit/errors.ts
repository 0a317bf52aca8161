import { defineErrors } from '@helicase/kernel';

/** CloudTrail's errors; the first with AWS's own words. */
export const errors = defineErrors({
  invalidTimeRange: {
    code: 'InvalidTimeRangeException',
    status: 400,
    message: 'The start time {start} is after the end time {end}.',
    remedy: '',
  },
  oneAttribute: {
    code: 'InvalidLookupAttributesException',
    status: 400,
    message: 'LookupAttributes has {count} entries; at most one is allowed.',
    remedy: '',
  },
  auditUnavailable: {
    code: 'ServiceUnavailableException',
    status: 503,
    message: 'Requests cannot be recorded at the moment, so none that changes something is answered.',
    remedy: 'The disk of the data directory may be full: make room, the server goes on by itself.',
  },
});
