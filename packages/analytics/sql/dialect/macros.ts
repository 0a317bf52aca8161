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
  bitwise_right_shift: `(a, b) AS CASE WHEN b = 0 THEN CAST(a AS BIGINT) WHEN b >= trino_bits(a) THEN 0
    ELSE CAST((CAST(a AS HUGEINT) & ((CAST(1 AS HUGEINT) << trino_bits(a)) - 1)) >> CAST(b AS HUGEINT) AS BIGINT) END`,
  bits: `(x) AS CASE typeof(x) WHEN 'TINYINT' THEN 8 WHEN 'SMALLINT' THEN 16 WHEN 'INTEGER' THEN 32 ELSE 64 END`,
  bitwise_right_shift_arithmetic: `(a, b) AS CAST(a AS BIGINT) >> least(b, 63)`,
  bytes: `(x) AS CASE WHEN typeof(x) = 'BLOB' THEN x ELSE error('FUNCTION_NOT_FOUND: Digests are of varbinary: use to_utf8') END`,
  // DuckDB counts a text's characters too.
  cardinality: `(a) AS CASE WHEN typeof(a) = 'VARCHAR' THEN error('FUNCTION_NOT_FOUND: cardinality takes an array or a map') ELSE len(a) END`,
  cbrt: `(x) AS CASE WHEN round(cbrt(x)) * round(cbrt(x)) * round(cbrt(x)) = x THEN round(cbrt(x)) ELSE cbrt(x) END`,
  contains: `(a, x) AS CASE WHEN list_contains(a, x) THEN true WHEN list_count(a) < len(a) THEN NULL ELSE list_contains(a, x) END`,
  date: `(x) AS CAST(x AS DATE)`,
  date_add: `(unit, n, moment) AS moment + n * CAST('1 ' || unit AS INTERVAL)`,
  // A number of days in DuckDB, an interval in Trino, and columns' types are not known before.
  date_difference: `(a, b) AS CASE WHEN typeof(a) = 'DATE' AND typeof(b) = 'DATE'
    THEN error('NOT_SUPPORTED: dates in columns are not subtracted: use date_diff') ELSE a - b END`,
  // Whole units between the two; DuckDB's date_diff counts borders crossed.
  date_diff: `(unit, a, b) AS date_sub(unit, a, b)`,
  // The fewest digits that are the same number, with an exponent always.
  double_text: `(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE
    regexp_replace(regexp_replace(list_filter(list_transform(range(17), lambda p: printf('%.' || p || 'e', x)),
      lambda t: CAST(t AS DOUBLE) = x)[1], '^(-?\\d)e', '\\1.0e'), 'e(?:\\+|(-))0*(\\d)', 'E\\1\\2') END`,
  e: `() AS exp(1)`,
  element_at: `(x, k) AS x[k]`,
  digits: `(s) AS list_transform(string_split(lower(regexp_replace(s, '^[+-]', '')), ''),
    lambda c: strpos('0123456789abcdefghijklmnopqrstuvwxyz', c) - 1)`,
  from_base: `(s, radix) AS CASE WHEN radix NOT BETWEEN 2 AND 36 THEN error('INVALID_FUNCTION_ARGUMENT: Radix must be between 2 and 36')
    WHEN NOT regexp_full_match(s, '[+-]?[0-9A-Za-z]+') OR list_max(trino_digits(s)) >= radix
    THEN error('INVALID_FUNCTION_ARGUMENT: Not a valid number of this base: ' || s)
    ELSE CAST(list_reduce(trino_digits(s), lambda n, digit: n * radix + digit, CAST(0 AS HUGEINT)) * CASE WHEN s LIKE '-%' THEN -1 ELSE 1 END AS BIGINT) END`,
  from_iso8601_date: `(x) AS CAST(x AS DATE)`,
  from_iso8601_timestamp: `(x) AS CAST(x AS TIMESTAMPTZ)`,
  from_unixtime: `(seconds) AS to_timestamp(seconds)`,
  geometric_mean: `(x) AS exp(avg(ln(x)))`,
  human_part: `(n, unit) AS CASE WHEN n = 1 THEN '1 ' || unit WHEN n > 1 THEN n || ' ' || unit || 's' END`,
  human_readable_seconds: `(x) AS trino_human_seconds(CAST(abs(round(x)) AS BIGINT))`,
  human_seconds: `(n) AS CASE WHEN n = 0 THEN '0 seconds' ELSE concat_ws(', ', trino_human_part(n // 604800, 'week'),
    trino_human_part(n // 86400 % 7, 'day'), trino_human_part(n // 3600 % 24, 'hour'), trino_human_part(n // 60 % 60, 'minute'),
    trino_human_part(n % 60, 'second')) END`,
  infinity: `() AS CAST('Infinity' AS DOUBLE)`,
  // Halves go away from zero; DuckDB's own casts send them to the even number.
  integer: `(x) AS CASE typeof(x) WHEN 'DOUBLE' THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT)
    WHEN 'FLOAT' THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT) ELSE CAST(x AS BIGINT) END`,
  is_json_scalar: `(j) AS CASE WHEN json_valid(j) THEN json_type(j) NOT IN ('ARRAY', 'OBJECT')
    WHEN j IS NOT NULL THEN error('INVALID_FUNCTION_ARGUMENT: Invalid JSON value: ' || j) END`,
  // Of the same type, a number with a fraction beside one without being another.
  json_array_contains: `(j, x) AS CASE WHEN x IS NOT NULL AND json_valid(j) THEN CASE WHEN json_type(j) = 'ARRAY' THEN
    list_contains(list_transform(json_extract(j, '$[*]'), lambda e: trino_json_equals(e, x)), true) END END`,
  json_array_get: `(j, i) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j) = 'ARRAY' THEN
    trino_json_scalar(j, '$[' || CASE WHEN i < 0 THEN '#' ELSE '' END || i || ']') END END`,
  json_array_length: `(j) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j) END END`,
  json_equals: `(e, x) AS CASE typeof(x) WHEN 'VARCHAR' THEN json_type(e) = 'VARCHAR' AND json_extract_string(e, '$') = CAST(x AS VARCHAR)
    WHEN 'BOOLEAN' THEN json_type(e) = 'BOOLEAN' AND CAST(e AS VARCHAR) = CAST(x AS VARCHAR)
    ELSE CASE WHEN contains(typeof(x), 'INT') THEN json_type(e) IN ('BIGINT', 'UBIGINT') AND CAST(e AS VARCHAR) = CAST(x AS VARCHAR)
    ELSE json_type(e) = 'DOUBLE' AND TRY_CAST(CAST(e AS VARCHAR) AS DOUBLE) = TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE) END END`,
  // Null for what is no scalar, and for what is no JSON.
  json_extract_scalar: `(j, path) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j, path) NOT IN ('ARRAY', 'OBJECT')
    THEN trino_json_scalar(j, path) END END`,
  // The number as it stands there, which DuckDB writes anew.
  json_scalar: `(j, path) AS CASE WHEN json_type(j, path) = 'DOUBLE' AND NOT
    regexp_matches(j, '(^|[^\\d.])' || regexp_escape(CASE WHEN json_valid(j) THEN json_extract_string(j, path) END) || '([^\\d.eE]|$)')
    THEN error('NOT_SUPPORTED: a JSON number with zeros at its end or with an exponent: use CAST(json_extract(...) AS double)')
    ELSE json_extract_string(j, path) END`,
  // An object's keys are in order there.
  json_parse: `(j) AS CASE WHEN NOT json_valid(j) THEN error('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ' || j)
    WHEN regexp_matches(j, '\\d[eE]|0\\.000|\\d{17}') THEN error('NOT_SUPPORTED: json_parse of numbers with an exponent or many digits')
    WHEN len(string_split(j, '{')) > 2 OR (contains(j, '{') AND (json_type(j) <> 'OBJECT' OR json_keys(j) <> list_sort(json_keys(j))))
    THEN error('NOT_SUPPORTED: json_parse of nested objects, or of keys that are not in order') ELSE CAST(json(j) AS VARCHAR) END`,
  json_size: `(j, path) AS CASE WHEN json_valid(j) THEN CASE json_type(j, path) WHEN 'ARRAY' THEN CAST(json_array_length(j, path) AS BIGINT)
    WHEN 'OBJECT' THEN len(json_keys(j, path)) ELSE CASE WHEN json_type(j, path) IS NOT NULL THEN 0 END END END`,
  json_text: `(j) AS CASE json_type(j) WHEN 'ARRAY' THEN error('INVALID_CAST_ARGUMENT: Cannot cast a JSON array to a scalar type')
    WHEN 'OBJECT' THEN error('INVALID_CAST_ARGUMENT: Cannot cast a JSON object to a scalar type')
    WHEN 'DOUBLE' THEN CASE WHEN regexp_full_match(j, '-?\\d+') THEN j ELSE trino_double_text(CAST(j AS DOUBLE)) END ELSE json_extract_string(j, '$') END`,
  log: `(base, x) AS ln(x) / ln(base)`,
  first_of_keys: `(e) AS CASE WHEN len(list_distinct(list_transform(e, lambda x: x.key))) = len(e) THEN e
    ELSE list_filter(e, lambda x, i: list_position(list_transform(e, lambda y: y.key), x.key) = i) END`,
  // One of the values of a key that comes more than once.
  map_agg: `(k, v) AS map_from_entries(trino_first_of_keys(list(struct_pack(key := k, value := v))))`,
  map_union: `(m) AS map_from_entries(trino_first_of_keys(flatten(list(map_entries(m)))))`,
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
  shuffle: `(a) AS list_transform(list_sort(list_transform(a, lambda x: struct_pack(place := random(), item := x))), lambda p: p.item)`,
  sign: `(x) AS CASE WHEN false THEN trunc(x) ELSE sign(x) END`,
  // Of the population; DuckDB's is of a sample.
  skewness: `(x) AS CASE WHEN count(x) > 2 THEN skewness(x) * ((count(x) - 2) / sqrt(CAST(count(x) AS DOUBLE) * (count(x) - 1))) END`,
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
  // Timestamps with their milliseconds, intervals as results have them.
  varchar: `(x) AS CASE typeof(x) WHEN 'DOUBLE' THEN trino_double_text(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE))
    WHEN 'FLOAT' THEN trino_double_text(TRY_CAST(CAST(x AS VARCHAR) AS DOUBLE)) WHEN 'TIMESTAMP' THEN strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g')
    WHEN 'INTERVAL' THEN helicase_interval(TRY_CAST(CAST(x AS VARCHAR) AS INTERVAL)) ELSE CAST(x AS VARCHAR) END`,
  width_bucket: `(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
    ELSE CAST(floor((x - low) / CAST(high - low AS DOUBLE) * n) AS BIGINT) + 1 END`,
};

export const PREFIX = 'trino_';

/** What other macros and rewrites use, and no function of Trino is called. */
const OURS = new Set(
  `array_has bits bytes date_difference digits double_text first_of_keys human_part human_seconds integer json_equals json_scalar json_text
   no_decimal reverse_array sequence_of_dates varchar`
    .split(/\s+/)
    .filter(Boolean),
);

/** Functions of Trino that have a macro of their own name. */
export const MACROS: ReadonlySet<string> = new Set(Object.keys(BODIES).filter((name) => !OURS.has(name)));

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
