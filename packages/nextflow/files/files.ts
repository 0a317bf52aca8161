/** What is known of a file. */
export interface FileFacts {
  readonly size: number;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  readonly isLink: boolean;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly mode: number;
  /** What is the same under every link to it; absent where there are no links. */
  readonly id?: string;
}

/**
 * The files that scripts may see: local paths and URIs. Everything answers at once, since Groovy does; whoever gives
 * this port decides what may be read and written, and throws a ScriptFault where it may not.
 */
export interface Files {
  /** Undefined: there is no such file. */
  stat(location: string): FileFacts | undefined;
  read(location: string): Buffer;
  write(location: string, data: string | Uint8Array, append: boolean): void;
  /** The names in a folder. */
  list(location: string): string[];
  makeDirectory(location: string): void;
  remove(location: string): void;
  copy(from: string, to: string): void;
  move(from: string, to: string): void;
  link(from: string, to: string, hard: boolean): void;
  realPath(location: string): string;
  /** Where a link leads, as it says; undefined for what is no link. */
  readLink(location: string): string | undefined;
  /** A local path of the bytes. */
  local(location: string): string;
  setMode(location: string, mode: number): void;
}

export function isUri(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
}
