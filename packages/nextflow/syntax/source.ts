/** A text that was read from a file, and where its offsets lie. */
export class Source {
  readonly file: string;
  readonly text: string;
  #lines: number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Line and column, both from 1. */
  position(offset: number): Position {
    const starts = (this.#lines ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - starts[low]! + 1 };
  }

  line(number: number): string {
    const starts = (this.#lines ??= lineStarts(this.text));
    return this.text.slice(starts[number - 1], starts[number] ?? this.text.length).replace(/\r?\n$/, '');
  }
}

export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
