import type { Resource as LakeResource } from '@aws-sdk/client-lakeformation';
import type { Actor, Ids, Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { lakeErrors } from './errors.ts';
import {
  ALLOWED_BY_IAM,
  type Filters,
  type Grant,
  type Grants,
  OPEN,
  resourceKey,
  type Settings,
  SETTINGS_ID,
  type SettingsDoc,
} from './model.ts';
import { grantedResource } from './requests.ts';

export interface LakePorts {
  readonly records: Records;
  readonly grants: Grants;
  readonly filters: Filters;
  readonly settings: Settings;
  readonly ids: Ids;
}

/** One grant or revocation as requests have it. */
export interface Change {
  readonly Principal?: { readonly DataLakePrincipalIdentifier?: string | undefined } | undefined;
  readonly Resource?: LakeResource | undefined;
  readonly Permissions?: readonly string[] | undefined;
  readonly PermissionsWithGrantOption?: readonly string[] | undefined;
}

export async function settingsOf(
  ports: Pick<LakePorts, 'settings'>,
  tx: Transaction,
  scope: Scope,
): Promise<SettingsDoc> {
  return (await ports.settings.find(tx, scope, SETTINGS_ID))?.doc ?? OPEN;
}

export async function putSettings(
  ports: LakePorts,
  tx: Transaction,
  scope: Scope,
  change: (doc: SettingsDoc) => SettingsDoc,
): Promise<void> {
  const found = await ports.settings.hold(tx, scope, SETTINGS_ID);
  if (found) await ports.settings.update(tx, scope, SETTINGS_ID, change);
  else await ports.settings.insert(tx, { scope, id: SETTINGS_ID, status: 'ACTIVE', doc: change(OPEN) });
}

/** Only the root and administrators change what others see. */
export async function checkAdministrator(ports: LakePorts, { scope, principal }: Actor): Promise<void> {
  if (principal.kind === 'root' && principal.account === scope.account) return;
  const { admins } = await settingsOf(ports, ports.records.direct, scope);
  const names = [principal.arn, ...(principal.session ? [principal.session.issuer.arn] : [])];
  if (!names.some((name) => admins.includes(name))) throw lakeErrors.notAllowed({ principal: principal.arn });
}

export async function grant(ports: LakePorts, tx: Transaction, scope: Scope, change: Change): Promise<void> {
  const { principal, resource, key } = parts(change);
  if (principal === ALLOWED_BY_IAM) return opened(ports, tx, scope, key, true);
  const added = { permissions: change.Permissions ?? [], grantable: change.PermissionsWithGrantOption ?? [] };
  const found = await find(ports, tx, scope, principal, key);
  if (!found) {
    const doc = { principal, resource, key, ...added };
    await ports.grants.insert(tx, { scope, id: ports.ids.uuid(), status: 'ACTIVE', doc });
    return;
  }
  await ports.grants.update(tx, scope, found.id, (doc) => ({
    ...doc,
    permissions: [...new Set([...doc.permissions, ...added.permissions])],
    grantable: [...new Set([...doc.grantable, ...added.grantable])],
  }));
}

export async function revoke(ports: LakePorts, tx: Transaction, scope: Scope, change: Change): Promise<void> {
  const { principal, key } = parts(change);
  if (principal === ALLOWED_BY_IAM) return opened(ports, tx, scope, key, false);
  const found = await find(ports, tx, scope, principal, key);
  if (!found) throw lakeErrors.notGranted({});
  const taken = new Set(change.Permissions ?? []);
  const permissions = taken.has('ALL') ? [] : found.doc.permissions.filter((name) => !taken.has(name));
  const grantable = found.doc.grantable.filter((name) => permissions.includes(name));
  if (permissions.length === 0) await ports.grants.remove(tx, scope, found.id);
  else await ports.grants.update(tx, scope, found.id, (doc) => ({ ...doc, permissions, grantable }));
}

/** Whoever IAM lets in sees the resource, or needs a grant. */
function opened(ports: LakePorts, tx: Transaction, scope: Scope, key: string, open: boolean): Promise<void> {
  return putSettings(ports, tx, scope, (doc) => {
    const others = doc.exceptions.filter((exception) => exception !== key);
    return { ...doc, exceptions: doc.open === open ? others : [...others, key] };
  });
}

function parts({ Principal, Resource }: Change) {
  const principal = Principal?.DataLakePrincipalIdentifier;
  if (!principal) throw lakeErrors.badInput({ what: 'Principal.DataLakePrincipalIdentifier must be given' });
  const resource = grantedResource(Resource);
  return { principal, resource, key: resourceKey(resource) };
}

async function find(
  ports: LakePorts,
  tx: Transaction,
  scope: Scope,
  principal: string,
  key: string,
): Promise<Grant | undefined> {
  const { rows } = await ports.grants.list(tx, scope, { where: { principal, key }, limit: 1 });
  return rows[0];
}
