import { ServiceError } from '@helicase/kernel';
import type { PageBinding, PageTokens } from '@helicase/wire';
import { errors } from '../errors.ts';

/** Page tokens with CloudWatch Logs' error for a bad one. */
export class LogTokens implements PageTokens {
  readonly #tokens: PageTokens;

  constructor(tokens: PageTokens) {
    this.#tokens = tokens;
  }

  issue(binding: PageBinding, position: readonly (string | number)[]): string {
    return this.#tokens.issue(binding, position);
  }

  read(binding: PageBinding, token: string): readonly (string | number)[] {
    try {
      return this.#tokens.read(binding, token);
    } catch (error) {
      if (error instanceof ServiceError) throw errors.badToken({ reason: error.message });
      throw error;
    }
  }
}
