/** Trino's functions that DuckDB lacks or means otherwise, made in every query's database (dialect.ts names them). */
export const MACROS: readonly string[] = [
  `nan() AS CAST('NaN' AS DOUBLE)`,
  `infinity() AS CAST('Infinity' AS DOUBLE)`,
  `trino_array_position(a, e) AS CASE WHEN a IS NULL OR e IS NULL THEN NULL ELSE coalesce(list_position(a, e), 0) END`,
  `trino_array_remove(a, e) AS list_filter(a, lambda x: x IS DISTINCT FROM e)`,
  `trino_array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST')`,
  `trino_array_union(a, b) AS list_distinct(list_concat(a, b))`,
  `trino_bitwise_and(a, b) AS a & b`,
  `trino_bitwise_or(a, b) AS a | b`,
  `trino_bitwise_xor(a, b) AS xor(a, b)`,
  // Lists have a length, maps a cardinality; as JSON both have keys or elements to count.
  `trino_cardinality(x) AS CASE json_type(to_json(x)) WHEN 'ARRAY' THEN json_array_length(to_json(x))
     WHEN 'OBJECT' THEN len(json_keys(to_json(x))) END`,
  `trino_date_add(unit, n, moment) AS moment + n * CAST('1 ' || unit AS INTERVAL)`,
  `trino_element_at(x, k) AS x[k]`,
  `trino_from_unixtime(seconds) AS to_timestamp(seconds)`,
  `trino_map_agg(k, v) AS map(list(k), list(v))`,
  // Null where nothing matches; DuckDB gives ''.
  `trino_regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END,
     (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END`,
  // All matches; groups are $1, not \\1.
  `trino_regexp_replace(s, p) AS regexp_replace(s, p, '', 'g'),
     (s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\\$(\\d+)', '\\\\\\1', 'g'), 'g')`,
  `trino_sequence(a, b) AS generate_series(a, b), (a, b, step) AS generate_series(a, b, step)`,
  `trino_slice(a, first, size) AS CASE WHEN first > 0 THEN a[first : first + size - 1]
     ELSE a[len(a) + first + 1 : len(a) + first + size] END`,
].map((macro) => `CREATE MACRO ${macro}`);
