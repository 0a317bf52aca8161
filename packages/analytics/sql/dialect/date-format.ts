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
