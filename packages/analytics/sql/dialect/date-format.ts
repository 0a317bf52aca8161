/** MySQL's specifiers, which Trino's date_format and date_parse take, as strftime writes them. */
const SPECIFIERS: Readonly<Record<string, string>> = {
  a: '%a',
  b: '%b',
  c: '%-m',
  d: '%d',
  e: '%-d',
  f: '%f',
  H: '%H',
  h: '%I',
  I: '%I',
  i: '%M',
  j: '%j',
  k: '%-H',
  l: '%-I',
  M: '%B',
  m: '%m',
  p: '%p',
  r: '%I:%M:%S %p',
  S: '%S',
  s: '%S',
  T: '%H:%M:%S',
  v: '%V',
  W: '%A',
  x: '%G',
  Y: '%Y',
  y: '%y',
  '%': '%%',
};

/** The format for strftime, or undefined where it has a specifier that has no equal. */
export function strftimeFormat(format: string): string | undefined {
  let isKnown = true;
  const translated = format.replace(/%(.)|%$/gs, (_, letter: string | undefined) => {
    const specifier = letter === undefined ? undefined : SPECIFIERS[letter];
    isKnown &&= specifier !== undefined;
    return specifier ?? '';
  });
  return isKnown ? translated : undefined;
}

/** Joda's letters, which Trino's format_datetime and parse_datetime take, as strftime writes them. */
const LETTERS: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  YYYY: '%Y',
  yy: '%y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  EEEE: '%A',
  EEE: '%a',
  E: '%a',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  SSS: '%g',
  a: '%p',
  DDD: '%j',
};

/** The same of a format of Joda's. */
export function jodaFormat(format: string): string | undefined {
  let isKnown = true;
  const translated = format.replace(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|%/g,
    (found, quoted: string | undefined) => {
      if (quoted !== undefined) return (quoted || "'").replaceAll("''", "'").replaceAll('%', '%%');
      if (found === '%') return '%%';
      isKnown &&= found in LETTERS;
      return LETTERS[found] ?? '';
    },
  );
  return isKnown ? translated : undefined;
}
