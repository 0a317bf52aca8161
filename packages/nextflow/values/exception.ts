import { ScriptFault } from '../diagnostics/fault.ts';
import { GroovyObject, type Value } from './value.ts';

/** Each exception that scripts name, and the one above it. */
const PARENTS: Readonly<Record<string, string>> = {
  ...{ Exception: 'Throwable', Error: 'Throwable', RuntimeException: 'Exception', AssertionError: 'Error' },
  ...{
    PowerAssertionError: 'AssertionError',
    IllegalArgumentException: 'RuntimeException',
    IOException: 'Exception',
  },
  ...{ IllegalStateException: 'RuntimeException', NullPointerException: 'RuntimeException' },
  ...{ ArithmeticException: 'RuntimeException', NumberFormatException: 'IllegalArgumentException' },
  ...{ IndexOutOfBoundsException: 'RuntimeException', ClassCastException: 'RuntimeException' },
  ...{
    StringIndexOutOfBoundsException: 'IndexOutOfBoundsException',
    UncheckedIOException: 'RuntimeException',
  },
  ...{
    ArrayIndexOutOfBoundsException: 'IndexOutOfBoundsException',
    GroovyRuntimeException: 'RuntimeException',
  },
  ...{ UnsupportedOperationException: 'RuntimeException', GroovyCastException: 'ClassCastException' },
  ...{ MissingPropertyException: 'GroovyRuntimeException', MissingMethodException: 'GroovyRuntimeException' },
  ...{
    FileNotFoundException: 'IOException',
    NoSuchFileException: 'IOException',
    InterruptedException: 'Exception',
  },
  ...{ FileAlreadyExistsException: 'IOException', PatternSyntaxException: 'IllegalArgumentException' },
  ...{
    NoSuchElementException: 'RuntimeException',
    DateTimeParseException: 'RuntimeException',
    JsonException: 'RuntimeException',
  },
  ...{
    ConcurrentModificationException: 'RuntimeException',
    ParseException: 'Exception',
    URISyntaxException: 'Exception',
  },
  ...{
    AbortOperationException: 'RuntimeException',
    ProcessException: 'RuntimeException',
    TimeoutException: 'Exception',
  },
  ...{
    MissingFileException: 'ProcessException',
    MissingValueException: 'ProcessException',
    MalformedURLException: 'IOException',
  },
  ...{
    ScriptRuntimeException: 'RuntimeException',
    MissingProcessException: 'RuntimeException',
    IllegalArityException: 'ProcessException',
  },
};

export function isException(name: string): boolean {
  return name === 'Throwable' || Object.hasOwn(PARENTS, name);
}

export function exceptionIsA(name: string, asked: string): boolean {
  const wanted = asked.slice(asked.lastIndexOf('.') + 1);
  for (
    let at: string | undefined = name;
    at !== undefined;
    at = Object.hasOwn(PARENTS, at) ? PARENTS[at] : at === 'Throwable' ? undefined : 'Throwable'
  ) {
    if (at === wanted) return true;
  }
  return false;
}

/** An exception as a script sees it. */
export class Exception extends GroovyObject {
  readonly className: string;
  readonly message: Value;
  readonly cause: Value;

  constructor(className: string, message: Value, cause: Value = null) {
    super();
    this.className = className;
    this.message = message;
    this.cause = cause;
  }

  override property(name: string): Value | undefined {
    if (name === 'message' || name === 'localizedMessage') return this.message;
    if (name === 'cause') return this.cause;
    return name === 'stackTrace' ? [] : undefined;
  }

  override invoke(name: string): Value | undefined {
    if (name === 'getMessage' || name === 'getLocalizedMessage') return this.message;
    if (name === 'getCause') return this.cause;
    if (name === 'printStackTrace') return null;
    return name === 'getStackTrace' ? [] : undefined;
  }

  toString(): string {
    return this.message === null ? this.className : `${this.className}: ${String(this.message)}`;
  }
}

/** What a catch clause gets of what was thrown. */
export function caught(error: unknown): { readonly className: string; readonly value: Value } {
  if (error instanceof ScriptFault) {
    const value = error.thrown ?? new Exception(error.className, error.message);
    return { className: error.className, value };
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return {
      className: 'StackOverflowError',
      value: new Exception('StackOverflowError', 'Too deep a recursion'),
    };
  }
  const code = (error as NodeJS.ErrnoException)?.code;
  const className =
    code === 'ENOENT' ? 'NoSuchFileException' : code === undefined ? 'RuntimeException' : 'IOException';
  return {
    className,
    value: new Exception(className, error instanceof Error ? error.message : String(error)),
  };
}
