import type { Scope } from '@helicase/kernel';
import {
  amongNames,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import { errors } from '../errors.ts';

/** The API shows no status; there is one way to be. */
type RepositoryStatus = 'ACTIVE';

export interface RepositoryDoc {
  readonly name: string;
  readonly tagMutability: 'MUTABLE' | 'IMMUTABLE';
  /** The repository policy, a JSON text. */
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type Repository = Resource<RepositoryDoc, RepositoryStatus>;
export type RepositoryTable = ResourceTable<RepositoryDoc, RepositoryStatus, 'name', Transaction>;

export function repositoryTable(records: Records): RepositoryTable {
  return records.resource<RepositoryDoc, RepositoryStatus, 'name'>({
    kind: 'ecr-repository',
    machine: { ACTIVE: {} },
    columns: { name: (doc) => doc.name },
    unique: ['name'],
    tagged: {
      type: 'ecr:repository',
      arn: ({ scope, doc }) => repositoryArn(scope, doc.name),
      among: amongNames(/^repository\/(.+)$/),
    },
  });
}

export function repositoryArn({ account, region }: Scope, name: string): string {
  return `arn:aws:ecr:${region}:${account}:repository/${name}`;
}

/** The name that docker and workflows call it by. */
export function repositoryUri({ account, region }: Scope, name: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com/${name}`;
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com`: whose registry a host name means. */
export function registryOfHost(host: string): Scope | undefined {
  const [, account, region] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/.exec(host) ?? [];
  return account === undefined ? undefined : { account, region: region! };
}

/** Repositories are found by their name, which is unique in a registry. */
export async function findRepository(
  table: RepositoryTable,
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<Repository | undefined> {
  return (await table.list(tx, scope, { where: { name }, limit: 1 })).rows[0];
}

export async function requireRepository(
  table: RepositoryTable,
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<Repository> {
  const found = await findRepository(table, tx, scope, name);
  if (!found) throw errors.repositoryMissing({ name, registry: scope.account });
  return found;
}
