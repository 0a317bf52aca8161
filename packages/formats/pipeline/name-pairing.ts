import { BrokenInput } from '../pass.ts';

const AHEAD = 200_000;

/** Compares the read names of a pair's two files, which come in batches and not in step. */
export class NamePairing {
  readonly #waiting: [string[], string[]] = [[], []];
  readonly #ended: [boolean, boolean] = [false, false];
  #compared = 0;
  #wake: (() => void) | undefined;

  /** Takes names of one side, and waits while that side is far ahead of the other. */
  async take(side: 0 | 1, names: readonly string[]): Promise<void> {
    const other = side === 0 ? 1 : 0;
    if (this.#ended[other] && this.#waiting[other].length === 0) return; // the counts will tell
    for (const name of names) this.#waiting[side].push(name);
    this.#compare();
    while (this.#waiting[side].length > AHEAD && !this.#ended[other]) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  end(side: 0 | 1): void {
    this.#ended[side] = true;
    this.#wake?.();
  }

  #compare(): void {
    const [first, second] = this.#waiting;
    const both = Math.min(first.length, second.length);
    for (let i = 0; i < both; i++) {
      this.#compared++;
      if (!areMates(first[i]!, second[i]!)) {
        throw new BrokenInput(
          `source2: record ${this.#compared}: source1 has read ${first[i]} where source2 has read ${second[i]}; the files are not a pair in the same order`,
        );
      }
    }
    first.splice(0, both);
    second.splice(0, both);
    this.#wake?.();
  }
}

/** Equal, or unlike only in a last 1 and 2 after a separator (`read/1`, `read/2`). */
export function areMates(first: string, second: string): boolean {
  if (first === second) return true;
  return /[/._:-]1$/.test(first) && /[/._:-]2$/.test(second) && first.slice(0, -1) === second.slice(0, -1);
}
