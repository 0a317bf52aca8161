import type { Scope, SharedResources } from '@helicase/kernel';
import { errors } from '../errors.ts';
import { workflowArn } from './model.ts';

/** Where a workflow is that a request names with its owner: in the caller's account unless told. */
export function ownerScope({ region, account }: Scope, owner: string | undefined): Scope {
  return { account: owner ?? account, region };
}

/** As `ownerScope`; another account's workflow is there only while it is shared with the caller's. */
export async function usableScope(
  { shares }: { readonly shares: SharedResources },
  scope: Scope,
  id: string,
  owner: string | undefined,
): Promise<Scope> {
  const where = ownerScope(scope, owner);
  const isOwn = where.account === scope.account;
  if (isOwn || (await shares.isShared(scope, workflowArn(where, id)))) return where;
  throw errors.workflowNotFound({ id });
}

/** "If a workflow is shared with you, you cannot export the workflow." */
export function refuseSharedExport(
  { account }: Scope,
  id: string,
  owner: string | undefined,
  asked: readonly string[] | undefined,
): void {
  if (owner !== undefined && owner !== account && asked && asked.length > 0)
    throw errors.sharedNotExportable({ id, owner });
}

/** Where no account has anything of another. */
export const nothingShared: SharedResources = {
  isShared: async () => false,
  subscribers: async () => [],
};
