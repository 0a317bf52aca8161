import { failure } from '../diagnostics/diagnostic.ts';
import type { TokenStream } from './token-stream.ts';

/** Sees to it that a task or workflow has each section once. */
export class Sections {
  readonly #owner: string;
  readonly #seen = new Set<string>();

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** True where the stream stands on this section's keyword, which is taken. */
  accept(stream: TokenStream, section: string): boolean {
    if (!stream.at(section)) return false;
    if (this.#seen.has(section)) {
      throw failure('DuplicateSection', stream.here(), { owner: this.#owner, section });
    }
    this.#seen.add(section);
    stream.advance();
    return true;
  }

  has(section: string): boolean {
    return this.#seen.has(section);
  }
}
