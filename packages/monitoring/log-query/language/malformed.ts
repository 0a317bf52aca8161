import type { ServiceError } from '@helicase/kernel';
import { errors } from '../../errors.ts';

/** MalformedQueryException with the place of the fault, in characters from the query's beginning. */
export function malformed(
  { end, start }: { readonly start: number; readonly end: number },
  reason: string,
): ServiceError {
  const location = { startCharOffset: start, endCharOffset: end };
  return errors
    .malformedQuery({ reason, start, end })
    .with({ queryCompileError: { location, message: reason } });
}
