/**
 * Trino's functions that DuckDB lacks or means otherwise. A macro is made in a query's database where the query, or
 * another of its macros, uses it.
 */
const BODIES: Readonly<Record<string, string>> = {
  all_match: `(t) AS CASE WHEN list_contains(t, false) THEN false WHEN list_count(t) < len(t) THEN NULL ELSE true END`,
  any_match: `(t) AS CASE WHEN list_contains(t, true) THEN true WHEN list_count(t) < len(t) THEN NULL ELSE false END`,
  none_match: `(t) AS NOT trino_any_match(t)`,
  // In the order of their first coming, one null among them.
  array_distinct: `(a) AS list_filter(a, lambda x, i: CASE WHEN x IS NULL THEN list_count(a[1:i]) = i - 1
    ELSE NOT list_contains(a[1:i - 1], x) END)`,
  array_except: `(a, b) AS trino_array_distinct(list_filter(a, lambda x: NOT trino_array_has(b, x)))`,
  array_has: `(a, x) AS CASE WHEN x IS NULL THEN list_count(a) < len(a) ELSE list_contains(a, x) END`,
  array_intersect: `(a, b) AS trino_array_distinct(list_filter(a, lambda x: trino_array_has(b, x)))`,
  array_join: `(a, d) AS array_to_string(list_filter(a, lambda x: x IS NOT NULL), d), (a, d, n) AS
    array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), d)`,
  // Null where an element is null.
  array_max: `(a) AS CASE WHEN list_count(a) = len(a) THEN list_max(a) END`,
  array_min: `(a) AS CASE WHEN list_count(a) = len(a) THEN list_min(a) END`,
  array_position: `(a, e) AS CASE WHEN a IS NULL OR e IS NULL THEN NULL ELSE coalesce(list_position(a, e), 0) END`,
  array_remove: `(a, e) AS list_filter(a, lambda x: x IS DISTINCT FROM e)`,
  array_sort: `(a) AS list_sort(a, 'ASC', 'NULLS LAST')`,
  array_union: `(a, b) AS trino_array_distinct(list_concat(a, b))`,
  arrays_overlap: `(a, b) AS CASE WHEN list_has_any(a, b) THEN true
    WHEN list_count(a) < len(a) OR list_count(b) < len(b) THEN NULL ELSE false END`,
  bit_count: `(x, bits) AS CASE WHEN bits NOT BETWEEN 2 AND 64 OR x >= CAST(1 AS HUGEINT) << (bits - 1) OR x < -(CAST(1 AS HUGEINT) << (bits - 1))
    THEN error('INVALID_FUNCTION_ARGUMENT: Number must be representable with the bits specified')
    ELSE CAST(bit_count(CAST(x AS HUGEINT) & ((CAST(1 AS HUGEINT) << bits) - 1)) AS BIGINT) END`,
  bitwise_and: `(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT)`,
  bitwise_left_shift: `(a, b) AS a << b`,
  bitwise_not: `(a) AS -1 - CAST(a AS BIGINT)`,
  bitwise_or: `(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT)`,
  bitwise_xor: `(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT))`,
  // Zeros come in from the left, at a place that depends on the number's type.
  bitwise_right_shift: `(a, b) AS CASE WHEN a < 0 THEN error('NOT_SUPPORTED: bitwise_right_shift of a negative number')
    WHEN b >= 64 THEN 0 ELSE CAST(a AS BIGINT) >> b END`,
  bitwise_right_shift_arithmetic: `(a, b) AS CAST(a AS BIGINT) >> least(b, 63)`,
  bytes: `(x) AS CASE WHEN typeof(x) = 'BLOB' THEN x ELSE error('FUNCTION_NOT_FOUND: Digests are of varbinary: use to_utf8') END`,
  cbrt: `(x) AS CASE WHEN round(cbrt(x)) * round(cbrt(x)) * round(cbrt(x)) = x THEN round(cbrt(x)) ELSE cbrt(x) END`,
  contains: `(a, x) AS CASE WHEN list_contains(a, x) THEN true WHEN list_count(a) < len(a) THEN NULL ELSE list_contains(a, x) END`,
  date: `(x) AS CAST(x AS DATE)`,
  date_add: `(unit, n, moment) AS moment + n * CAST('1 ' || unit AS INTERVAL)`,
  // Whole units between the two; DuckDB's date_diff counts borders crossed.
  date_diff: `(unit, a, b) AS date_sub(unit, a, b)`,
  // The fewest digits that are the same number, with an exponent always.
  double_text: `(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE
    regexp_replace(regexp_replace(list_filter(list_transform(range(17), lambda p: printf('%.' || p || 'e', x)),
      lambda t: CAST(t AS DOUBLE) = x)[1], '^(-?\\d)e', '\\1.0e'), 'e(?:\\+|(-))0*(\\d)', 'E\\1\\2') END`,
  e: `() AS exp(1)`,
  element_at: `(x, k) AS x[k]`,
  from_iso8601_date: `(x) AS CAST(x AS DATE)`,
  from_iso8601_timestamp: `(x) AS CAST(x AS TIMESTAMPTZ)`,
  from_unixtime: `(seconds) AS to_timestamp(seconds)`,
  geometric_mean: `(x) AS exp(avg(ln(x)))`,
  infinity: `() AS CAST('Infinity' AS DOUBLE)`,
  // Halves go away from zero; DuckDB's own casts send them to the even number.
  integer: `(x) AS CASE typeof(x) WHEN 'DOUBLE' THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT)
    WHEN 'FLOAT' THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT) ELSE CAST(x AS BIGINT) END`,
  json_array_length: `(j) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j) END END`,
  // Null for what is no scalar, and for what is no JSON.
  json_extract_scalar: `(j, path) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j, path) NOT IN ('ARRAY', 'OBJECT')
    THEN json_extract_string(j, path) END END`,
  log: `(base, x) AS ln(x) / ln(base)`,
  map_agg: `(k, v) AS map(list(k), list(v))`,
  // Rows without names, as Trino makes them.
  map_entries: `(m) AS list_transform(map_entries(m), lambda e: struct_pack(field0 := e.key, field1 := e.value))`,
  md5: `(x) AS unhex(md5(trino_bytes(x)))`,
  millisecond: `(x) AS millisecond(x) % 1000`,
  multimap_agg: `(k, v) AS trino_multimap_from_entries(list(struct_pack(k := k, v := v)))`,
  multimap_from_entries: `(a) AS map_from_entries(list_transform(
    trino_array_distinct(list_transform(a, lambda e: struct_extract_at(e, 1))),
    lambda k: struct_pack(k := k, v := list_transform(list_filter(a, lambda e: struct_extract_at(e, 1) = k),
      lambda e: struct_extract_at(e, 2)))))`,
  ngrams: `(a, n) AS CASE WHEN n < 1 THEN error('INVALID_FUNCTION_ARGUMENT: N must be positive') WHEN n >= len(a) THEN [a]
    ELSE list_transform(generate_series(1, len(a) - n + 1), lambda i: a[i : i + n - 1]) END`,
  nan: `() AS CAST('NaN' AS DOUBLE)`,
  no_decimal: `(x) AS CASE WHEN typeof(x) LIKE 'DECIMAL%' THEN error('NOT_SUPPORTED: avg of a decimal: cast it to double') ELSE x END`,
  regexp_count: `(s, p) AS len(regexp_extract_all(s, p))`,
  // Null where nothing matches; DuckDB gives ''.
  regexp_extract: `(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END,
    (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END`,
  // What stands before the first match is one character shorter than its place.
  regexp_position: `(s, p) AS CASE WHEN NOT regexp_matches(s, p) THEN -1 WHEN regexp_extract(s, p) = ''
    THEN error('NOT_SUPPORTED: regexp_position of an empty match') ELSE length(string_split_regex(s, p)[1]) + 1 END`,
  // All matches; groups are $1, not \\1.
  regexp_replace: `(s, p) AS regexp_replace(s, p, '', 'g'),
    (s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\\$(\\d+)', '\\\\\\1', 'g'), 'g')`,
  repeat: `(x, n) AS list_transform(range(n), lambda i: x)`,
  replace: `(s, a) AS replace(s, a, ''), (s, a, b) AS replace(s, a, b)`,
  reverse_array: `(a) AS list_reverse(a)`,
  sequence_of_dates: `(a, b, step) AS list_transform(generate_series(a, b, step), lambda d: CAST(d AS DATE))`,
  // As many decimals as the number has.
  round: `(x) AS round(x), (x, n) AS CASE WHEN false THEN x ELSE round(x, n) END`,
  sequence: `(a, b) AS generate_series(a, b, CASE WHEN b >= a THEN 1 ELSE -1 END), (a, b, step) AS generate_series(a, b, step)`,
  sha1: `(x) AS unhex(sha1(trino_bytes(x)))`,
  sha256: `(x) AS unhex(sha256(trino_bytes(x)))`,
  sign: `(x) AS CASE WHEN false THEN trunc(x) ELSE sign(x) END`,
  slice: `(a, first, size) AS CASE WHEN first > 0 THEN a[first : first + size - 1]
    ELSE a[len(a) + first + 1 : len(a) + first + size] END`,
  split: `(s, d) AS string_split(s, d), (s, d, n) AS CASE WHEN len(string_split(s, d)) <= n THEN string_split(s, d)
    ELSE list_append(string_split(s, d)[1:n - 1], array_to_string(string_split(s, d)[n:], d)) END`,
  // Null behind the last field; DuckDB gives ''.
  split_part: `(s, d, n) AS string_split(s, d)[n]`,
  // The place of the n-th; 0 where there are not as many.
  strpos: `(s, t) AS strpos(s, t), (s, t, n) AS CASE WHEN n < 1 OR t = '' THEN error('NOT_SUPPORTED: strpos needs an instance above 0')
    WHEN len(string_split(s, t)) <= n THEN 0 ELSE length(array_to_string(string_split(s, t)[1:n], t)) + 1 END`,
  substr: `(s, f) AS CASE WHEN f = 0 OR -f > length(s) THEN '' ELSE substr(s, f) END,
    (s, f, n) AS CASE WHEN f = 0 OR -f > length(s) THEN '' ELSE substr(s, f, n) END`,
  to_base: `(x, radix) AS lower(to_base(x, radix))`,
  to_hex: `(x) AS hex(x)`,
  to_iso8601: `(x) AS CASE typeof(x) WHEN 'DATE' THEN strftime(x, '%Y-%m-%d') WHEN 'TIMESTAMP' THEN
    strftime(x, '%Y-%m-%dT%H:%M:%S.%g') ELSE strftime(x, '%Y-%m-%dT%H:%M:%S.%gZ') END`,
  trim_array: `(a, n) AS CASE WHEN n BETWEEN 0 AND len(a) THEN a[1:len(a) - n]
    ELSE error('INVALID_FUNCTION_ARGUMENT: size must not exceed the array''s length') END`,
  // A text's length is part of its type there.
  typeof: `(x) AS CASE WHEN typeof(x) = 'TIMESTAMP' OR regexp_matches(typeof(x), '[\\[(]|^VARCHAR$|NULL|^TIME|^BIT|INT128|^U')
    AND NOT regexp_full_match(typeof(x), 'DECIMAL\\(\\d+,\\d+\\)')
    THEN error('NOT_SUPPORTED: typeof of a value with a length, a precision or parts') WHEN typeof(x) = 'FLOAT' THEN 'real'
    WHEN typeof(x) = 'BLOB' THEN 'varbinary' ELSE lower(typeof(x)) END`,
  upper: `(s) AS CASE WHEN contains(s, 'ß') THEN array_to_string(list_transform(string_split(s, 'ß'), lambda t: upper(t)), 'ß') ELSE upper(s) END`,
  // Timestamps with their milliseconds.
  varchar: `(x) AS CASE typeof(x) WHEN 'DOUBLE' THEN trino_double_text(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE))
    WHEN 'FLOAT' THEN trino_double_text(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE)) WHEN 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
    ELSE CAST(x AS VARCHAR) END`,
  width_bucket: `(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
    ELSE CAST(floor((x - low) / CAST(high - low AS DOUBLE) * n) AS BIGINT) + 1 END`,
};

export const PREFIX = 'trino_';

/** Functions of Trino that have a macro of their own name. */
export const MACROS: ReadonlySet<string> = new Set(
  Object.keys(BODIES).filter(
    (name) =>
      ![
        'array_has',
        'integer',
        'varchar',
        'reverse_array',
        'sequence_of_dates',
        'double_text',
        'no_decimal',
        'bytes',
      ].includes(name),
  ),
);

/** The statements that make the macros that a query names, and those that these need, each before its users. */
export function macroStatements(names: Iterable<string>): readonly string[] {
  const made = new Set<string>();
  const statements: string[] = [];
  const make = (name: string) => {
    const body = BODIES[name];
    if (body === undefined || made.has(name)) return;
    made.add(name);
    for (const [, other] of body.matchAll(/trino_(\w+)/g)) make(other!);
    statements.push(`CREATE MACRO ${PREFIX}${name}${body}`);
  };
  for (const name of names) make(name);
  return statements;
}
