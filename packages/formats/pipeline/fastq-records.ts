import { BrokenInput } from '../pass.ts';

/** Counts and checks the lines of a FASTQ text, record by record. */
export class FastqRecords {
  reads = 0;
  bases = 0;
  readonly #label: string;
  readonly #keepsNames: boolean;
  #line = 0;
  #sequence = 0;
  #blank = false;
  #names: string[] = [];

  constructor(label: string, keepsNames: boolean) {
    this.#label = label;
    this.#keepsNames = keepsNames;
  }

  take(text: string): void {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line === '' && this.#line % 4 === 0) {
      this.#blank = true;
      return;
    }
    const part = this.#line++ % 4;
    if (this.#blank) this.#refuse('a blank line stands before it');
    if (part === 0) this.#takeName(line);
    else if (part === 1) this.#takeSequence(line);
    else if (part === 3) this.#takeQuality(line);
    else if (!line.startsWith('+')) this.#refuse('the third line of a FASTQ record begins with +');
  }

  /** The names since the last call. */
  takeNames(): readonly string[] {
    const names = this.#names;
    this.#names = [];
    return names;
  }

  end(): void {
    if (this.#line % 4 !== 0)
      throw new BrokenInput(
        `${this.#label}record ${this.reads + 1}: the file ends after line ${this.#line % 4} of the record's 4`,
      );
    if (this.reads === 0) throw new BrokenInput(`${this.#label}the file holds no reads`);
  }

  #takeName(line: string): void {
    if (!/^@./.test(line)) this.#refuse('a FASTQ record begins with @ and a name');
    if (this.#keepsNames) this.#names.push(/^@([^ \t]*)/.exec(line)![1]!);
  }

  #takeSequence(line: string): void {
    const foreign = line.search(/[^A-Za-z.*-]/);
    if (foreign >= 0) this.#refuse(`character ${foreign + 1} of the sequence is no base`);
    this.#sequence = line.length;
  }

  #takeQuality(line: string): void {
    if (line.length !== this.#sequence)
      this.#refuse(`${line.length} quality values for ${this.#sequence} bases`);
    const foreign = line.search(/[^!-~]/);
    if (foreign >= 0) this.#refuse(`quality value ${foreign + 1} is outside ! to ~`);
    this.reads++;
    this.bases += line.length;
  }

  #refuse(what: string): never {
    throw new BrokenInput(`${this.#label}record ${this.reads + 1} (line ${this.#line}): ${what}`);
  }
}
