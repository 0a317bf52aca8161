/** What the standard library's file functions reach files through; paths are as the expression has them. */
export interface FileAccess {
  /** The content of a file as UTF-8. */
  read(path: string): Promise<string>;
  /** Bytes of a file, or of all files in a directory. */
  size(path: string): Promise<number>;
  /** Writes a file of its own and gives its path. */
  write(content: string, extension: string): Promise<string>;
  /** Paths that match, in the shell's order; in the output section of a task. */
  glob(pattern: string): Promise<readonly string[]>;
  /** Where relative paths of join_paths() start. */
  readonly workDirectory: string;
  stdout(): string;
  stderr(): string;
}
