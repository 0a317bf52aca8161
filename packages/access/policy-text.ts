import { errors } from './errors.ts';
import { parsePolicy, PolicyFault, type PolicyKind } from './policy/index.ts';

/** The text, once it is a policy of this kind. Throws MalformedPolicyDocument with IAM's sentence. */
export function checkPolicy(text: string | undefined, kind: PolicyKind): string {
  try {
    parsePolicy(text ?? '', kind);
  } catch (error) {
    if (error instanceof PolicyFault) throw errors.policyMalformed({ fault: error.message });
    throw error;
  }
  return text ?? '';
}

/**
 * What is wrong with the policy, in IAM's sentence; undefined where nothing is. `repository`: of
 * a container repository, which need not name the resource that it is attached to.
 */
export function policyFault(
  text: string,
  kind: 'identity' | 'resource' | 'repository' | 'endpoint',
): string | undefined {
  try {
    parsePolicy(text, kind);
    return undefined;
  } catch (error) {
    if (error instanceof PolicyFault) return error.message;
    throw error;
  }
}

/** IAM answers policy documents percent-encoded (RFC 3986); clients decode them. */
export function encodePolicyDocument(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
