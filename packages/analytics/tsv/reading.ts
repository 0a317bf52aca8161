/** How a TSV or CSV file is written. */
export interface TsvReading {
  readonly separator: string;
  /** A label of the WHATWG Encoding standard. */
  readonly encoding: string;
  readonly quote: string;
  readonly escape: string;
  /** Lines that begin with it are left out. */
  readonly comment: string | undefined;
  readonly header: boolean;
  /** Undefined: a line feed, a carriage return, or both. */
  readonly lineSeparator: string | undefined;
  /** Every value must be quoted. */
  readonly quoteAll: boolean;
  /** A quote inside a quoted value must be escaped or doubled. */
  readonly escapeQuotes: boolean;
}

/** As the request's readOptions have them. */
export interface ReadOptionsInput {
  readonly sep?: string | undefined;
  readonly encoding?: string | undefined;
  readonly quote?: string | undefined;
  readonly quoteAll?: boolean | undefined;
  readonly escape?: string | undefined;
  readonly escapeQuotes?: boolean | undefined;
  readonly comment?: string | undefined;
  readonly header?: boolean | undefined;
  readonly lineSep?: string | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', 0: '\0', '\\': '\\' };

/** The options with their defaults: a tab between values, no header, and Spark's for the rest. */
export function tsvReading(options: ReadOptionsInput): TsvReading {
  return {
    separator: written(options.sep ?? '\t'),
    encoding: options.encoding ?? 'utf-8',
    quote: options.quote ?? '"',
    escape: options.escape ?? '\\',
    comment: options.comment,
    header: options.header ?? false,
    lineSeparator: options.lineSep === undefined ? undefined : written(options.lineSep),
    quoteAll: options.quoteAll ?? false,
    escapeQuotes: options.escapeQuotes ?? true,
  };
}

/** The guide's `sep="\t"` comes from a shell as a backslash and a t. */
function written(text: string): string {
  return text.replace(/\\([tnr0\\])/g, (_, letter: string) => ESCAPES[letter]!);
}

/** What is wrong with the options, for their user; undefined where nothing is. */
export function readingProblem(reading: TsvReading): string | undefined {
  try {
    new TextDecoder(reading.encoding);
  } catch {
    return `encoding "${reading.encoding}" is not known; give a label such as UTF-8, ISO-8859-1 or UTF-16LE`;
  }
  const { separator, quote, lineSeparator } = reading;
  if (separator.includes(quote)) return 'sep and quote must differ';
  if (/[\r\n]/.test(separator) || (lineSeparator ?? '').includes(separator))
    return 'sep and lineSep must differ';
  return undefined;
}
