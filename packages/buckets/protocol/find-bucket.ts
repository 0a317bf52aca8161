import type { BucketAccess, BucketGuard, BucketView, BucketViewObjects } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { Bucket, BucketRepository } from '../bucket/repository.ts';
import { errors } from '../errors.ts';

export type Found =
  | { readonly kind: 'bucket'; readonly bucket: Bucket }
  | { readonly kind: 'view'; readonly view: BucketViewObjects };

/** Finds what a bucket name stands for, in somebody's name. */
export class BucketFinder {
  readonly #records: Records;
  readonly #buckets: BucketRepository;
  readonly #views: readonly BucketView[];

  constructor(records: Records, buckets: BucketRepository, views: readonly BucketView[]) {
    this.#records = records;
    this.#buckets = buckets;
    this.#views = views;
  }

  /** A bucket in the actor's region, whosever it is, or a view; NoSuchBucket or PermanentRedirect otherwise. */
  async find(actor: Actor, name: string): Promise<Found> {
    const bucket = await this.#buckets.find(this.#records.direct, name);
    if (!bucket) return { kind: 'view', view: await this.#view(actor, name) };
    const given = actor.scope.region;
    if (bucket.region !== given) {
      throw errors.permanentRedirect({ bucket: name, region: bucket.region, given });
    }
    return { kind: 'bucket', bucket };
  }

  /** Where an own bucket is, whatever region was asked. */
  async regionOf(name: string): Promise<string | undefined> {
    return (await this.#buckets.find(this.#records.direct, name))?.region;
  }

  /** The account whose bucket or view it is, in any region; NoSuchBucket otherwise. */
  async ownerOf(actor: Actor, name: string): Promise<string> {
    const bucket = await this.#buckets.find(this.#records.direct, name);
    return bucket?.account ?? (await this.#view(actor, name)).guard?.owner ?? actor.scope.account;
  }

  /** What a view says of its owner and policies, where the name is a view's. */
  async viewGuard(actor: Actor, name: string): Promise<BucketGuard | undefined> {
    for (const view of this.#views) {
      const found = await view.find(actor, name);
      if (found) return found.guard;
    }
    return undefined;
  }

  /** The name that the access point of this ARN has as a bucket; undefined where no view has such access points. */
  aliasOf(accessPointArn: string): string | undefined {
    for (const view of this.#views) {
      const alias = view.aliasOf?.(accessPointArn);
      if (alias !== undefined) return alias;
    }
    return undefined;
  }

  async isView(actor: Actor, name: string): Promise<boolean> {
    for (const view of this.#views) if (await view.find(actor, name)) return true;
    return false;
  }

  async tell(actor: Actor, access: BucketAccess): Promise<void> {
    for (const view of this.#views) await view.accessed?.(actor, access);
  }

  async #view(actor: Actor, name: string): Promise<BucketViewObjects> {
    for (const view of this.#views) {
      const found = await view.find(actor, name);
      if (found) return found;
    }
    throw errors.noSuchBucket({ bucket: name });
  }
}
