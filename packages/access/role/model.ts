import type { EntityDoc } from '../entity/model.ts';

export interface RoleDoc extends EntityDoc {
  readonly description: string | undefined;
  /** Seconds. */
  readonly maxSessionDuration: number;
  readonly trustPolicy: string;
}
