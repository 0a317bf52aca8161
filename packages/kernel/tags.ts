import type { Scope } from './scope.ts';

export type Tags = Readonly<Record<string, string>>;

export interface TaggedResource {
  readonly arn: string;
  /** `omics:sequenceStore`. */
  readonly type: string;
  readonly tags: Tags;
}

/** Every resource of every room that carries tags, by ARN: for the tagging operations and for conditions on tags. */
export interface TaggedResources {
  /** The tags of the resource; undefined where the scope has no such resource. */
  find(scope: Scope, arn: string): Promise<Tags | undefined>;
  /** Replaces its tags in one transaction; `change` may throw to refuse. False where the scope has no such resource. */
  change(scope: Scope, arn: string, change: (tags: Tags) => Tags): Promise<boolean>;
  /** All of the scope's, kind by kind, from behind the given place on; each comes with its place. */
  scan(
    scope: Scope,
    after?: string,
  ): AsyncIterable<{ readonly place: string; readonly resource: TaggedResource }>;
}
