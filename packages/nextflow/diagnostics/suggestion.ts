import { closestName } from '@helicase/kernel';

/** ` Did you mean x?` where a known name is close to the one written, otherwise the empty string. */
export function suggestion(written: string, known: Iterable<string>): string {
  const best = closestName(written, known);
  return best === undefined ? '' : ` Did you mean "${best}"?`;
}
