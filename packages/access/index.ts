export { type Access, type AccessOptions, createAccess } from './access.ts';
export type { RootKey } from './account/accounts.ts';
