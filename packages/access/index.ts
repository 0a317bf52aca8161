export { type Access, type AccessOptions, createAccess } from './access.ts';
export { policyFault } from './policy-text.ts';
export type { RootKey, RootKeys } from './account/accounts.ts';
export type { AccessAnswer, AccessQuestion } from './explain/explanations.ts';
