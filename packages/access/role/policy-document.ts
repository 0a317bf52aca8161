import { errors } from '../errors.ts';

/** Checks that a policy is a JSON object; its meaning is not evaluated yet. Throws MalformedPolicyDocument. */
export function checkPolicyDocument(what: string, text: string | undefined): string {
  const parsed = parse(what, text ?? '');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw errors.policyMalformed({ what, fault: 'it is not a JSON object' });
  }
  if (!('Statement' in parsed)) throw errors.policyMalformed({ what, fault: 'it has no Statement' });
  return text ?? '';
}

function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errors.policyMalformed({ what, fault: (error as Error).message });
  }
}

/** IAM answers policy documents percent-encoded (RFC 3986); clients decode them. */
export function encodePolicyDocument(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
