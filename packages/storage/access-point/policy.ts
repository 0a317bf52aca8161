import { errors } from '../errors.ts';
import type { Room } from '../room.ts';
import type { AccessPoint } from './access-point.ts';

/** The text of a store's S3 access policy, and when it was put. */
export interface AccessPolicy {
  readonly text: string;
  /** Milliseconds. */
  readonly updatedAt: number;
}

/** What the service allows on an access point of a store (the guide, the same chapter); nothing writes. */
const ACTIONS = ['s3:GetObject', 's3:GetObjectTagging', 's3:ListBucket'];

export async function accessPolicyOf(room: Room, point: AccessPoint): Promise<AccessPolicy | undefined> {
  const { sequenceStores, referenceStores } = room.tables;
  const table = point.kind === 'sequenceStore' ? sequenceStores : referenceStores;
  return (await table.find(room.records.direct, point.scope, point.store))?.doc.s3AccessPolicy;
}

type Parsed = Readonly<Record<string, unknown>>;

/** Throws ValidationException where the text is no policy that an access point of this ARN can have. */
export function checkPolicy(text: string, accessPointArn: string): void {
  const policy = parse(text);
  const statements = listOf(policy['Statement']);
  if (statements.length === 0) throw fault('it has no Statement');
  if (
    policy['Version'] !== undefined &&
    policy['Version'] !== '2012-10-17' &&
    policy['Version'] !== '2008-10-17'
  )
    throw fault(`its Version is ${JSON.stringify(policy['Version'])}`);
  statements.forEach((statement, index) => checkStatement(statement, `Statement[${index}]`, accessPointArn));
}

function parse(text: string): Parsed {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw fault(`it is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(policy)) throw fault('it is not a JSON object');
  return policy;
}

function checkStatement(statement: unknown, where: string, arn: string): void {
  if (!isObject(statement)) throw fault(`${where} is not an object`);
  const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw fault(`${where}.Effect must be Allow or Deny`);
  if (Principal === undefined && NotPrincipal === undefined) throw fault(`${where} names no Principal`);
  if (Action === undefined && NotAction === undefined) throw fault(`${where} names no Action`);
  if (Resource === undefined && NotResource === undefined) throw fault(`${where} names no Resource`);
  for (const action of listOf(Action)) {
    if (typeof action !== 'string' || !ACTIONS.some((known) => covers(action, known)))
      throw fault(
        `${where}.Action has ${JSON.stringify(action)}; an access point of a store knows ${ACTIONS.join(', ')}`,
      );
  }
  for (const resource of listOf(Resource)) {
    if (
      typeof resource !== 'string' ||
      !(resource === '*' || resource === arn || resource.startsWith(`${arn}/object/`))
    )
      throw fault(
        `${where}.Resource has ${JSON.stringify(resource)}, which is not ${arn} or under ${arn}/object/`,
      );
  }
}

/** `s3:Get*` covers `s3:GetObject`. */
function covers(pattern: string, action: string): boolean {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i').test(action);
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const isObject = (value: unknown): value is Parsed =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fault = (reason: string): Error => errors.badAccessPolicy({ reason });
