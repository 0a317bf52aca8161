import { DocumentError, DocumentFaults, type Position } from '../faults.ts';

/** Gathers what is wrong with a document, so that its author learns of all of it at once. One fault for each place. */
export class FaultList {
  readonly #found = new Map<string, DocumentError>();

  add(position: Position, message: string): void {
    this.#keep(new DocumentError(position, message));
  }

  /** What the work gives; undefined where it finds a fault, which is kept. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  async attemptLater<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#keep(error);
      return undefined;
    }
  }

  throwAny(): void {
    const found = Map.groupBy(this.#found.values(), ({ position }) => position.file);
    const [first, ...others] = [...found.values()].flatMap((ofFile) => ofFile.toSorted(inOrderOfText));
    if (first && others.length === 0) throw first;
    if (first) throw new DocumentFaults([first, ...others]);
  }

  #keep(error: unknown): void {
    if (!(error instanceof DocumentError)) throw error;
    const { column, file, line } = error.position;
    const place = `${file}:${line}:${column}`;
    if (!this.#found.has(place)) this.#found.set(place, error);
  }
}

function inOrderOfText(one: DocumentError, other: DocumentError): number {
  const [a, b] = [one.position, other.position];
  return a.line - b.line || a.column - b.column;
}
