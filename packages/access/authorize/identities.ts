import type { Clock, Log, Principal } from '@helicase/kernel';
import type { Entities } from '../entity/entities.ts';
import type { EntityDoc } from '../entity/model.ts';
import { defaultDocument, type ManagedPolicies } from '../managed-policy/managed-policies.ts';
import { compilePolicy, joinPolicies, parsePolicy, type Policy, type PolicyKind } from '../policy/index.ts';
import type { RoleDoc } from '../role/model.ts';
import type { UserDoc } from '../user/model.ts';

/** What is attached to a user (its groups' included) or role. */
export interface Identity {
  readonly policies: readonly Policy[];
  readonly boundary: readonly Policy[] | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface IdentitiesOptions {
  readonly users: Entities<UserDoc>;
  readonly groups: Entities<EntityDoc>;
  readonly roles: Entities<RoleDoc>;
  readonly policies: ManagedPolicies;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long another server's change may go unseen; this server's own is seen at once. */
const CACHE_MILLISECONDS = 5_000;
const COMPILED = 5_000;

const NOBODY: Identity = { policies: [], boundary: undefined, tags: {} };

/** The policies of principals, compiled and kept. */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #known = new Map<
    string,
    { readonly identity: Promise<Identity | undefined>; readonly until: number }
  >();
  readonly #compiled = new Map<string, Policy>();

  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** Undefined where the user or role is no more. */
  of({ account, kind, id, session }: Principal): Promise<Identity | undefined> {
    if (kind === 'root') return Promise.resolve(NOBODY);
    const owner = session && kind !== 'user' ? session.issuer : { id, arn: '' };
    // A federated user that the root user made has no policies but its session's.
    if (owner.arn.endsWith(':root')) return Promise.resolve(NOBODY);
    return this.#remembered(`${account}/${owner.id}`, () => this.#load(account, owner.id));
  }

  /** By the id of a user, group or role, for the simulator. */
  async attachedTo(account: string, id: string): Promise<Identity | undefined> {
    const group = await this.#options.groups.findById(account, id);
    if (group) return this.#identity(account, `group ${group.doc.name}`, group.doc, []);
    return this.#load(account, id);
  }

  forget(account: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${account}/`)) this.#known.delete(key);
  }

  /** A policy text, compiled once. */
  compiled(name: string, text: string, kind: PolicyKind): Policy {
    const key = `${kind} ${name} ${text}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const policy = compilePolicy(name, parsePolicy(text, kind));
    if (this.#compiled.size >= COMPILED) this.#compiled.delete(this.#compiled.keys().next().value!);
    this.#compiled.set(key, policy);
    return policy;
  }

  #remembered(key: string, load: () => Promise<Identity | undefined>): Promise<Identity | undefined> {
    const now = this.#options.clock.now();
    const known = this.#known.get(key);
    if (known && known.until > now) return known.identity;
    const identity = load();
    this.#known.set(key, { identity, until: now + CACHE_MILLISECONDS });
    identity.catch(() => this.#known.delete(key));
    return identity;
  }

  async #load(account: string, id: string): Promise<Identity | undefined> {
    const { users, groups, roles } = this.#options;
    const role = await roles.findById(account, id);
    if (role) return this.#identity(account, `role ${role.doc.name}`, role.doc, []);
    const user = await users.findById(account, id);
    if (!user) return undefined;
    const members = await Promise.all(user.doc.groups.map((group) => groups.findById(account, group)));
    const of = members.filter((group) => group !== undefined);
    const inherited = await Promise.all(
      of.map((group) => this.#policiesOf(account, `group ${group.doc.name}`, group.doc)),
    );
    return this.#identity(account, `user ${user.doc.name}`, user.doc, inherited.flat());
  }

  async #identity(
    account: string,
    owner: string,
    doc: EntityDoc,
    inherited: readonly Policy[],
  ): Promise<Identity> {
    const own = await this.#policiesOf(account, owner, doc);
    const boundary = doc.boundary === undefined ? undefined : await this.#managed(account, [doc.boundary]);
    return { policies: [joinPolicies([...own, ...inherited])], boundary, tags: doc.tags };
  }

  async #policiesOf(account: string, owner: string, doc: EntityDoc): Promise<readonly Policy[]> {
    const inline = Object.entries(doc.inlinePolicies).map(([name, text]) =>
      this.#compiledOrDenying(`${name} of ${owner}`, text),
    );
    return [...inline, ...(await this.#managed(account, doc.attachedPolicies ?? []))];
  }

  async #managed(account: string, arns: readonly string[]): Promise<readonly Policy[]> {
    const found = await Promise.all(arns.map((arn) => this.#options.policies.find(account, arn)));
    return found
      .filter((policy) => policy !== undefined)
      .map((policy) => this.#compiledOrDenying(policy.arn, defaultDocument(policy)));
  }

  /** A text that was stored before policies were read is no policy perhaps: it may have meant a deny, so it denies all. */
  #compiledOrDenying(name: string, text: string): Policy {
    try {
      return this.compiled(name, text, 'identity');
    } catch (error) {
      this.#options.log.error(
        { policy: name, error: (error as Error).message },
        'a stored policy cannot be read: it denies everything',
      );
      return this.compiled(`${name}, which cannot be read`, DENY_ALL, 'identity');
    }
  }
}

const DENY_ALL = '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}';
