import type { EntityDoc } from '../entity/model.ts';

export interface UserDoc extends EntityDoc {
  /** Ids of the groups that it is in. */
  readonly groups: readonly string[];
}
