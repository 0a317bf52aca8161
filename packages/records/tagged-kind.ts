import type { ListQuery, Resource } from './resource.ts';

/** A doc that has tags. */
export interface TaggedDoc {
  readonly tags: Readonly<Record<string, string>>;
}

/** How the resources of a kind are named where tags are asked for by ARN. */
export interface TaggedKind<Doc, Status extends string, Column extends string> {
  /** Service and resource type, as the Resource Groups Tagging API filters by them: `omics:sequenceStore`. */
  readonly type: `${string}:${string}`;
  readonly arn: (resource: Resource<Doc, Status>) => string;
  /**
   * Rows among which the one with this ARN is, from the ARN's part behind the account (`runGroup/1234567`); undefined
   * where it is an ARN of another kind.
   */
  readonly among: (
    resource: string,
  ) => Pick<ListQuery<Status, Column>, 'ids' | 'parent' | 'where'> | undefined;
  /** In these statuses the resource is gone for whoever asks for its tags. */
  readonly gone?: readonly Status[];
}

/** `among` of kinds whose ARN ends in the id: by a pattern with one group. */
export function amongIds(
  pattern: RegExp,
): (resource: string) => { readonly ids: readonly string[] } | undefined {
  return (resource) => {
    const id = pattern.exec(resource)?.[1];
    return id === undefined ? undefined : { ids: [id] };
  };
}

/** `among` of kinds whose ARN ends in the value of their column `name`. */
export function amongNames(
  pattern: RegExp,
): (resource: string) => { readonly where: { readonly name: string } } | undefined {
  return (resource) => {
    const name = pattern.exec(resource)?.[1];
    return name === undefined ? undefined : { where: { name } };
  };
}
