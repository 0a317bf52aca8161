import type { Service } from '../operation.ts';

/** What AWS's services call a violated constraint: the first of these that the service's model has. */
const CANDIDATES = ['InvalidParameterException', 'InvalidRequestException', 'ValidationException'];

export function validationCode(service: Service): string {
  if (service.protocol === 'awsQuery') return 'ValidationError';
  return CANDIDATES.find((code) => code in service.schemas) ?? 'ValidationException';
}

/** The query protocol's codes have no `Exception` at their end where AWS's own have none. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  InternalServerException: 'InternalFailure',
  UnknownOperationException: 'InvalidAction',
  NotSupportedOperationException: 'NotSupportedOperation',
  SerializationException: 'MalformedInput',
  RequestEntityTooLargeException: 'RequestEntityTooLarge',
  ThrottlingException: 'Throttling',
};

export function queryCode(code: string): string {
  return QUERY_CODES[code] ?? code;
}
