import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { UniqueViolation } from '@helicase/records';
import { globalScope } from '../account/accounts.ts';
import { entityMachine, type EntityStatus } from '../entity/model.ts';
import { errors } from '../errors.ts';

export interface OidcProviderDoc {
  /** Without `https://`: how ARNs and condition keys name it. */
  readonly name: string;
  /** As given, for the keys to be fetched from. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export type OidcProvider = Resource<OidcProviderDoc, EntityStatus>;
type Table = ResourceTable<OidcProviderDoc, EntityStatus, 'name_key', Transaction>;

/** Issuers of web identity tokens that an account trusts. */
export class OidcProviders {
  readonly #records: Records;
  readonly #table: Table;

  constructor(records: Records) {
    this.#records = records;
    this.#table = records.resource<OidcProviderDoc, EntityStatus, 'name_key'>({
      kind: 'iam-oidc-provider',
      machine: entityMachine,
      columns: { name_key: (doc) => doc.name },
      unique: ['name_key'],
    });
  }

  async insert(account: string, id: string, doc: OidcProviderDoc): Promise<OidcProvider> {
    try {
      const scope = globalScope(account);
      return await this.#table.insert(this.#records.direct, { scope, id, status: 'ACTIVE', doc });
    } catch (error) {
      if (error instanceof UniqueViolation) throw errors.providerExists({ name: doc.name });
      throw error;
    }
  }

  async find(account: string, name: string): Promise<OidcProvider | undefined> {
    const query = { where: { name_key: name }, limit: 1 };
    return (await this.#table.list(this.#records.direct, globalScope(account), query)).rows[0];
  }

  async get(account: string, arn: string): Promise<OidcProvider> {
    const found = await this.find(account, arn.slice(arn.indexOf('/') + 1));
    if (!found || providerArn(found) !== arn) throw errors.providerMissing({ arn });
    return found;
  }

  async all(account: string): Promise<readonly OidcProvider[]> {
    return (await this.#table.list(this.#records.direct, globalScope(account), { limit: 100 })).rows;
  }

  async change(account: string, arn: string, edit: (doc: OidcProviderDoc) => OidcProviderDoc): Promise<void> {
    const { scope, id } = await this.get(account, arn);
    await this.#records.transaction((tx) => this.#table.update(tx, scope, id, edit));
  }

  async remove(account: string, arn: string): Promise<void> {
    const { scope, id } = await this.get(account, arn);
    await this.#records.transaction((tx) => this.#table.remove(tx, scope, id));
  }
}

export function providerArn({ scope, doc }: Pick<OidcProvider, 'scope' | 'doc'>): string {
  return `arn:aws:iam::${scope.account}:oidc-provider/${doc.name}`;
}
