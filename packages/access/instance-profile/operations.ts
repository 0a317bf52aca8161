import type {
  CreateInstanceProfileRequest,
  InstanceProfile,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation, Authorizer, OperationContext } from '@helicase/wire';
import type { Row } from '../entity/entities.ts';
import { anyResource, iamEntry, namedArn } from '../entity/entry.ts';
import type { EntityDoc } from '../entity/model.ts';
import { pageOf } from '../entity/page.ts';
import { tagList, withTags } from '../entity/tags.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { describeRole } from '../role/operations.ts';
import { mayPass } from '../role/roles.ts';

/** What a machine gets its role by. */
export interface InstanceProfileDoc extends EntityDoc {
  /** The role's id; absent: none yet. AWS lets a profile have one. */
  readonly role?: string;
}

interface Named {
  readonly InstanceProfileName?: string;
  readonly RoleName?: string;
}

/** Who takes the role by the profile. */
const MACHINES = 'ec2.amazonaws.com';

/** IAM's operations on instance profiles and the roles in them. */
export function instanceProfileOperations(
  ports: IamPorts & { readonly authorizer: Authorizer },
): readonly AnyOperation[] {
  const { ids, instanceProfiles, roles } = ports;
  const arn = namedArn(instanceProfiles, ({ InstanceProfileName }: Named) => InstanceProfileName);
  return [
    iamEntry<CreateInstanceProfileRequest, object>(
      'CreateInstanceProfile',
      ({ InstanceProfileName, Path = '/' }, { scope }) =>
        `arn:aws:iam::${scope.account}:instance-profile${Path}${InstanceProfileName}`,
      async ({ InstanceProfileName, Path = '/', Tags }, { scope }) => {
        const tags = withTags({}, Tags);
        const doc = { name: InstanceProfileName!, path: Path, inlinePolicies: {}, tags };
        const row = await instanceProfiles.insert(scope.account, ids.iam('AIPA', 17), doc);
        return { InstanceProfile: await describe(ports, row) };
      },
    ),
    iamEntry<Named, object>('GetInstanceProfile', arn, async (input, { scope }) => ({
      InstanceProfile: await describe(
        ports,
        await instanceProfiles.get(scope.account, input.InstanceProfileName!),
      ),
    })),
    iamEntry<ListInstanceProfilesRequest, object>('ListInstanceProfiles', anyResource, (input, context) =>
      listed(ports, context, input, 'ListInstanceProfiles', ({ doc }) =>
        doc.path.startsWith(input.PathPrefix ?? '/'),
      ),
    ),
    iamEntry<ListInstanceProfilesForRoleRequest, object>(
      'ListInstanceProfilesForRole',
      namedArn(roles, ({ RoleName }: Named) => RoleName),
      async (input, context) => {
        const { id } = await roles.get(context.scope.account, input.RoleName!);
        const isOf = ({ doc }: Row<InstanceProfileDoc>) => doc.role === id;
        return listed(ports, context, input, 'ListInstanceProfilesForRole', isOf);
      },
    ),
    iamEntry<Named, object>('AddRoleToInstanceProfile', arn, async (input, { principal, scope }) => {
      const role = await roles.get(scope.account, input.RoleName!);
      const passing = { arn: roles.arn(role), service: MACHINES };
      const verdict = await mayPass(ports.authorizer, { principal, scope }, passing);
      if (!verdict.allowed) throw errors.accessDenied({ message: verdict.message });
      const put = (doc: InstanceProfileDoc) => {
        if (doc.role !== undefined) throw errors.profileHasRole({ name: doc.name });
        return { ...doc, role: role.id };
      };
      // DeleteRole holds the role too, and refuses where a profile has it: no profile keeps a role that is gone.
      await instanceProfiles.change(scope.account, input.InstanceProfileName!, put, (tx) =>
        roles.hold(scope.account, role, tx),
      );
      return {};
    }),
    iamEntry<Named, object>('RemoveRoleFromInstanceProfile', arn, async (input, { scope }) => {
      const role = await roles.get(scope.account, input.RoleName!);
      await instanceProfiles.change(scope.account, input.InstanceProfileName!, ({ role: held, ...doc }) => {
        if (held !== role.id) throw errors.roleNotInProfile({ role: role.doc.name, profile: doc.name });
        return doc;
      });
      return {};
    }),
    iamEntry<Named, object>('DeleteInstanceProfile', arn, async (input, { scope }) => {
      await instanceProfiles.remove(scope.account, input.InstanceProfileName!, ({ doc }) => {
        if (doc.role !== undefined) throw errors.deleteConflict({ name: doc.name, what: 'its role' });
      });
      return {};
    }),
  ];
}

/** By the id of the role that each has; none without one. */
export async function profilesByRole(
  ports: IamPorts,
  account: string,
): Promise<ReadonlyMap<string, readonly InstanceProfile[]>> {
  const found = new Map<string, InstanceProfile[]>();
  for (const row of await ports.instanceProfiles.all(account)) {
    const { role } = row.doc;
    if (role !== undefined) found.set(role, [...(found.get(role) ?? []), await describe(ports, row)]);
  }
  return found;
}

async function listed(
  ports: IamPorts,
  context: OperationContext,
  input: ListInstanceProfilesRequest & { readonly RoleName?: string | undefined },
  operation: string,
  isWanted: (row: Row<InstanceProfileDoc>) => boolean,
): Promise<object> {
  const items = (await ports.instanceProfiles.all(context.scope.account)).filter(isWanted);
  const filter = [input.PathPrefix, input.RoleName];
  const key = ({ doc }: Row<InstanceProfileDoc>) => doc.name;
  const page = pageOf(ports.pageTokens, context, { operation, filter, items, key }, input);
  const InstanceProfiles = await Promise.all(page.items.map((row) => describe(ports, row)));
  return { InstanceProfiles, ...page.rest };
}

async function describe(ports: IamPorts, row: Row<InstanceProfileDoc>): Promise<InstanceProfile> {
  const { doc, id, scope } = row;
  const role = doc.role === undefined ? undefined : await ports.roles.findById(scope.account, doc.role);
  return {
    Path: doc.path,
    InstanceProfileName: doc.name,
    InstanceProfileId: id,
    Arn: ports.instanceProfiles.arn(row),
    CreateDate: new Date(row.createdAt),
    Roles: role ? [describeRole(ports, role)] : [],
    ...(Object.keys(doc.tags).length > 0 ? { Tags: [...tagList(doc.tags)] } : {}),
  };
}
