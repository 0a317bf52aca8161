import type { Clock } from '@helicase/kernel';
import { type Records, type ResourceTable, type Transaction, UniqueViolation } from '@helicase/records';
import { type Accounts, globalScope } from '../account/accounts.ts';
import { compilePolicy, parsePolicy, type Policy } from '../policy/index.ts';
import { attachedTo, type Organization, type OrganizationDoc, organizationOf, policyAt } from './model.ts';

type Table = ResourceTable<OrganizationDoc, 'ACTIVE', never, Transaction>;
/** Policies from the organization's root to the account. */
export type Levels = readonly (readonly Policy[])[];

/** How long another server's change may go unseen; this server's own is seen at once. */
const CACHE_MILLISECONDS = 5_000;

export interface OrganizationsOptions {
  readonly records: Records;
  readonly accounts: Pick<Accounts, 'list'>;
  readonly clock: Clock;
}

/** The organization that the accounts of this server are, with its service control policies. */
export class Organizations {
  readonly #options: OrganizationsOptions;
  readonly #table: Table;
  #known: { readonly levels: Promise<ReadonlyMap<string, Levels>>; readonly until: number } | undefined;

  constructor(options: OrganizationsOptions) {
    this.#options = options;
    this.#table = options.records.resource<OrganizationDoc, 'ACTIVE'>({
      kind: 'organization',
      machine: { ACTIVE: {} },
    });
  }

  async find(): Promise<Organization> {
    const { accounts, records } = this.#options;
    const organization = organizationOf(await accounts.list(), undefined);
    const scope = globalScope(organization.management);
    const row = await this.#table.find(records.direct, scope, organization.id);
    return row ? { ...organization, doc: row.doc } : organization;
  }

  /** `edit` may throw to refuse. */
  async change(edit: (organization: Organization) => OrganizationDoc): Promise<Organization> {
    const organization = await this.find();
    const { id, management } = organization;
    const scope = globalScope(management);
    await this.#ensure(organization);
    const { doc } = await this.#options.records.transaction((tx) =>
      this.#table.update(tx, scope, id, (before) => edit({ ...organization, doc: before })),
    );
    this.#known = undefined;
    return { ...organization, doc };
  }

  /**
   * What limits an account, from the root to the account itself; each level must allow. The management account is never
   * limited: "SCPs don't affect users or roles in the management account."
   */
  async levelsOf(account: string): Promise<Levels> {
    const now = this.#options.clock.now();
    if (!this.#known || this.#known.until <= now) {
      const levels = this.#load();
      this.#known = { levels, until: now + CACHE_MILLISECONDS };
      levels.catch(() => (this.#known = undefined));
    }
    return (await this.#known.levels).get(account) ?? [];
  }

  async #load(): Promise<ReadonlyMap<string, Levels>> {
    const organization = await this.find();
    const { accounts, doc, management, root } = organization;
    if (Object.keys(doc.attachments).length === 0) return new Map();
    const levelOf = (target: string) =>
      attachedTo(organization, target).map((id) => {
        const { name, text } = policyAt(organization, id)!;
        return compilePolicy(name, parsePolicy(text, 'identity'));
      });
    const ofRoot = levelOf(root);
    const limited = accounts.filter((account) => account !== management);
    return new Map(limited.map((account) => [account, [ofRoot, levelOf(account)]]));
  }

  async #ensure({ id, management, doc }: Organization): Promise<void> {
    const { direct } = this.#options.records;
    const scope = globalScope(management);
    if (await this.#table.find(direct, scope, id)) return;
    try {
      await this.#table.insert(direct, { scope, id, status: 'ACTIVE', doc });
    } catch (error) {
      if (!(error instanceof UniqueViolation)) throw error;
    }
  }
}
