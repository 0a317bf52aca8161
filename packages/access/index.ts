export { type Access, type AccessOptions, createAccess } from './access.ts';
export { resourcePolicyFault } from './policy-text.ts';
export type { RootKey, RootKeys } from './account/accounts.ts';
export type { AccessAnswer, AccessQuestion } from './explain/explanations.ts';
