import type { Clock, Ids } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import { errors } from '../errors.ts';
import type { Repository, RepositoryTable } from '../repository/model.ts';
import type { Image, ImageTable, ImageTagTable } from './model.ts';
import type { ManifestFacts } from './manifest.ts';

export interface ImagesPorts {
  readonly records: Records;
  readonly repositories: RepositoryTable;
  readonly images: ImageTable;
  readonly tags: ImageTagTable;
  readonly clock: Clock;
  readonly ids: Ids;
}

const ALL = 1_000;

/** Which manifests a repository has and what its tags point to. */
export class Images {
  readonly #ports: ImagesPorts;

  constructor(ports: ImagesPorts) {
    this.#ports = ports;
  }

  /** By `sha256:...` or by tag. */
  async find(repository: Repository, reference: string): Promise<Image | undefined> {
    const { direct } = this.#ports.records;
    const digest = isDigest(reference)
      ? reference
      : (await this.#tag(direct, repository, reference))?.doc.digest;
    return digest === undefined ? undefined : await this.#byDigest(direct, repository, digest);
  }

  /** Throws where the repository's tags cannot be moved and this one points elsewhere. */
  async checkTag(tx: Transaction, repository: Repository, tag: string, digest: string): Promise<void> {
    const { name, tagMutability } = repository.doc;
    if (tagMutability === 'MUTABLE') return;
    const found = await this.#tag(tx, repository, tag);
    if (found && found.doc.digest !== digest) throw errors.tagImmutable({ tag, name });
  }

  /** A manifest was pushed, and its bytes are kept: it is in the repository now, under the tag where there is one. */
  async pushed(repository: Repository, facts: ManifestFacts, tag: string | undefined): Promise<void> {
    const { clock, ids, images, records, repositories, tags } = this.#ports;
    const { scope, id: parent } = repository;
    await records.transaction(async (tx) => {
      const held = await repositories.hold(tx, scope, parent);
      if (!held) throw errors.repositoryMissing({ name: repository.doc.name, registry: scope.account });
      const doc = { ...facts, pushedAt: clock.now() };
      const before = await this.#byDigest(tx, repository, facts.digest);
      if (before) await images.update(tx, scope, before.id, () => doc);
      else await images.insert(tx, { scope, id: ids.numeric(), parent, status: 'ACTIVE', doc });
      if (tag === undefined) return;
      await this.checkTag(tx, held, tag, facts.digest);
      const pointer = { tag, digest: facts.digest };
      const old = await this.#tag(tx, repository, tag);
      if (old) await tags.update(tx, scope, old.id, () => pointer);
      else await tags.insert(tx, { scope, id: ids.numeric(), parent, status: 'ACTIVE', doc: pointer });
    });
  }

  /** Removes the tag alone. */
  async untag(repository: Repository, tag: string): Promise<boolean> {
    const { records, tags } = this.#ports;
    return records.transaction(async (tx) => {
      const found = await this.#tag(tx, repository, tag);
      if (found) await tags.remove(tx, repository.scope, found.id);
      return found !== undefined;
    });
  }

  /** Removes the manifest and every tag that points to it. */
  async remove(repository: Repository, digest: string): Promise<boolean> {
    return this.#ports.records.transaction((tx) => this.#remove(tx, repository, digest));
  }

  /** Every image, in the given transaction: with the repository. */
  async removeAll(tx: Transaction, repository: Repository): Promise<readonly string[]> {
    const all = await this.all(tx, repository);
    for (const { doc } of all) await this.#remove(tx, repository, doc.digest);
    return all.map(({ doc }) => doc.digest);
  }

  async all(tx: Transaction, { scope, id }: Repository): Promise<readonly Image[]> {
    const found: Image[] = [];
    for (let after: readonly (string | number)[] | undefined, first = true; first || after; first = false) {
      const page = await this.#ports.images.list(tx, scope, {
        ...{ parent: id, limit: ALL },
        ...(after ? { after } : {}),
      });
      found.push(...page.rows);
      after = page.next;
    }
    return found;
  }

  /** The tags of each digest, sorted. */
  async tagsByDigest({ scope, id }: Repository): Promise<ReadonlyMap<string, readonly string[]>> {
    const { records, tags } = this.#ports;
    const byDigest = new Map<string, string[]>();
    for (let after: readonly (string | number)[] | undefined, first = true; first || after; first = false) {
      const query = { parent: id, limit: ALL, ...(after ? { after } : {}) };
      const page = await tags.list(records.direct, scope, query);
      for (const { doc } of page.rows)
        byDigest.set(doc.digest, [...(byDigest.get(doc.digest) ?? []), doc.tag].toSorted());
      after = page.next;
    }
    return byDigest;
  }

  async #remove(tx: Transaction, repository: Repository, digest: string): Promise<boolean> {
    const { images, tags } = this.#ports;
    const { scope, id: parent } = repository;
    const found = await this.#byDigest(tx, repository, digest);
    if (!found) return false;
    const pointing = await tags.list(tx, scope, { parent, where: { digest }, limit: ALL });
    for (const { id } of pointing.rows) await tags.remove(tx, scope, id);
    await images.remove(tx, scope, found.id);
    return true;
  }

  async #byDigest(tx: Transaction, { scope, id }: Repository, digest: string): Promise<Image | undefined> {
    const page = await this.#ports.images.list(tx, scope, { parent: id, where: { digest }, limit: 1 });
    return page.rows[0];
  }

  async #tag(tx: Transaction, { scope, id }: Repository, tag: string) {
    const page = await this.#ports.tags.list(tx, scope, { parent: id, where: { tag }, limit: 1 });
    return page.rows[0];
  }
}

export function isDigest(reference: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(reference);
}
