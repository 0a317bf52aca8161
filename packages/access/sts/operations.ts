import type {
  AssumeRoleRequest,
  AssumeRoleWithWebIdentityRequest,
  GetAccessKeyInfoRequest,
  GetCallerIdentityResponse,
  GetFederationTokenRequest,
  GetSessionTokenRequest,
} from '@aws-sdk/client-sts';
import type { Principal } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { assumeRole, trustOf } from './assume-role.ts';
import { assumeRoleWithWebIdentity, type WebIdentityPorts } from './assume-with-web-identity.ts';
import { sessionPolicies } from './session-request.ts';

export type StsPorts = WebIdentityPorts;

const quota = 'sts';
const anything = () => ['*'];

/** STS: who am I, and credentials for a while. */
export function stsOperations(ports: StsPorts): readonly AnyOperation[] {
  return [
    defineOperation<object, GetCallerIdentityResponse>({
      ...{
        name: 'GetCallerIdentity',
        action: 'sts:GetCallerIdentity',
        resources: anything,
        readOnly: true,
        quota,
      },
      // "No permissions are required to perform this operation", and an explicit deny does not stop it.
      open: true,
      handler: async (_, { principal }) => ({
        UserId: principal.id,
        Account: principal.account,
        Arn: principal.arn,
      }),
    }),
    defineOperation<AssumeRoleRequest, object>({
      ...{ name: 'AssumeRole', action: 'sts:AssumeRole', readOnly: true, quota },
      resources: (input) => [input.RoleArn!],
      conditions: (input) => ({
        'sts:ExternalId': input.ExternalId,
        'sts:RoleSessionName': input.RoleSessionName,
        'sts:SourceIdentity': input.SourceIdentity,
        'sts:TransitiveTagKeys': input.TransitiveTagKeys?.length ? input.TransitiveTagKeys : undefined,
      }),
      guard: (input) => trustOf(ports, input.RoleArn!),
      handler: (input, context) => assumeRole(ports, input, context),
    }),
    defineOperation<AssumeRoleWithWebIdentityRequest, object>({
      ...{
        name: 'AssumeRoleWithWebIdentity',
        action: 'sts:AssumeRoleWithWebIdentity',
        readOnly: true,
        quota,
      },
      resources: (input) => [input.RoleArn!],
      open: true,
      unsigned: true,
      handler: (input, context) => assumeRoleWithWebIdentity(ports, input, context),
    }),
    defineOperation<GetSessionTokenRequest, object>({
      ...{
        name: 'GetSessionToken',
        action: 'sts:GetSessionToken',
        resources: anything,
        readOnly: true,
        quota,
      },
      open: true,
      handler: (input, context) => getSessionToken(ports, input, context),
    }),
    defineOperation<GetFederationTokenRequest, object>({
      ...{ name: 'GetFederationToken', action: 'sts:GetFederationToken', readOnly: true, quota },
      resources: (input, { scope }) => [`arn:aws:sts::${scope.account}:federated-user/${input.Name}`],
      handler: (input, context) => getFederationToken(ports, input, context),
    }),
    defineOperation<GetAccessKeyInfoRequest, object>({
      ...{
        name: 'GetAccessKeyInfo',
        action: 'sts:GetAccessKeyInfo',
        resources: anything,
        readOnly: true,
        quota,
      },
      handler: async (input) => {
        const key = await ports.accessKeys.find(input.AccessKeyId!);
        if (!key) throw errors.keyMissing({ key: input.AccessKeyId! });
        return { Account: key.account };
      },
    }),
  ];
}

const HOUR = 3600;
const ROOT_LIMIT = HOUR;
const DEFAULT = 12 * HOUR;

async function getSessionToken(
  { clock, mfaDevices, tokens }: StsPorts,
  input: GetSessionTokenRequest,
  { principal }: OperationContext,
): Promise<object> {
  refuseSessions(principal, 'GetSessionToken');
  const now = clock.now();
  const mfaAt = input.SerialNumber === undefined ? undefined : now;
  if (mfaAt !== undefined) {
    const owner = principal.kind === 'root' ? 'root' : principal.id;
    const isShown = await mfaDevices.accepts(
      principal.account,
      owner,
      input.SerialNumber!,
      input.TokenCode ?? '',
    );
    if (!isShown) throw errors.mfaFailed({});
  }
  const seconds = Math.min(
    input.DurationSeconds ?? DEFAULT,
    principal.kind === 'root' ? ROOT_LIMIT : Infinity,
  );
  const { arn, id } = principal;
  const session = {
    ...{ issuer: { arn, id }, name: '', issuedAt: now, expiresAt: now + seconds * 1000 },
    ...(mfaAt === undefined ? {} : { mfaAt }),
  };
  return { Credentials: await tokens.issue({ ...principal, session }) };
}

async function getFederationToken(
  ports: StsPorts,
  input: GetFederationTokenRequest,
  { principal }: OperationContext,
): Promise<object> {
  refuseSessions(principal, 'GetFederationToken');
  const { clock, tokens } = ports;
  const { account } = principal;
  const now = clock.now();
  const seconds = Math.min(
    input.DurationSeconds ?? DEFAULT,
    principal.kind === 'root' ? ROOT_LIMIT : Infinity,
  );
  const policies = await sessionPolicies(ports, account, input.Policy, input.PolicyArns);
  const federated: Principal = {
    ...{ account, kind: 'federated', id: `${account}:${input.Name}` },
    arn: `arn:aws:sts::${account}:federated-user/${input.Name}`,
    session: {
      ...{ issuer: { arn: principal.arn, id: principal.id }, name: input.Name! },
      ...{ issuedAt: now, expiresAt: now + seconds * 1000, policies: policies ?? [] },
      tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value!])),
    },
  };
  return {
    Credentials: await tokens.issue(federated),
    FederatedUser: { FederatedUserId: federated.id, Arn: federated.arn },
    PackedPolicySize: 0,
  };
}

function refuseSessions({ session }: Principal, operation: string): void {
  if (session) throw errors.sessionCredentials({ operation });
}
