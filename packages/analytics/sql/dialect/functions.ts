/**
 * Trino's functions that DuckDB has under the same name and with the same meaning. What is on no list of this folder is
 * refused: a function that only DuckDB has, or that it means otherwise, would be wrong without a word.
 */
export const SAME: ReadonlySet<string> = new Set(
  `abs acos array_agg asin atan atan2 avg bool_and bool_or ceil ceiling chr coalesce concat_ws corr cos cosh
   count count_if count_star covar_pop covar_samp cume_dist day degrees dense_rank exp filter first_value flatten floor grouping
   histogram hour if kurtosis lag last_value lead length like_escape ln log10 log2 lower lpad ltrim
   map map_concat map_from_entries map_keys map_values max max_by min min_by minute mod month not_like_escape now nth_value
   ntile nullif percent_rank pi pow power quarter radians rank regexp_extract_all regr_intercept regr_slope
   row_number rpad rtrim second sin sinh sqrt starts_with stddev stddev_pop stddev_samp sum tan tanh
   translate trim trunc unnest var_pop var_samp variance week year list_value array_value current_date
   current_timestamp from_base64 get_current_timestamp listagg to_base64 to_days to_hours to_minutes to_seconds to_months to_years to_weeks position`
    .split(/\s+/)
    .filter(Boolean),
);

/** Operators by the parser's names: LIKE is `~~`, its negation `!~~`. DuckDB's others are not Trino's. */
export const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '||', '~~', '!~~']);

/** Trino's name to DuckDB's, where the two do the same. */
export const RENAMED: Readonly<Record<string, string>> = {
  approx_distinct: 'approx_count_distinct',
  approx_percentile: 'approx_quantile',
  arbitrary: 'any_value',
  any_value: 'any_value',
  bitwise_and_agg: 'bit_and',
  bitwise_or_agg: 'bit_or',
  bitwise_xor_agg: 'bit_xor',
  codepoint: 'ord',
  day_of_month: 'day',
  day_of_week: 'isodow',
  dow: 'isodow',
  day_of_year: 'dayofyear',
  doy: 'dayofyear',
  every: 'bool_and',
  from_hex: 'unhex',
  from_utf8: 'decode',
  hamming_distance: 'hamming',
  is_finite: 'isfinite',
  is_infinite: 'isinf',
  is_nan: 'isnan',
  last_day_of_month: 'last_day',
  levenshtein_distance: 'levenshtein',
  normalize: 'nfc_normalize',
  random: 'random',
  rand: 'random',
  regexp_like: 'regexp_matches',
  regexp_split: 'regexp_split_to_array',
  to_unixtime: 'epoch',
  to_utf8: 'encode',
  transform: 'list_transform',
  truncate: 'trunc',
  uuid: 'gen_random_uuid',
  week_of_year: 'week',
  year_of_week: 'isoyear',
  yow: 'isoyear',
};

/** Functions whose arguments have to be as many: DuckDB means otherwise by more. */
export const ARITY: Readonly<Record<string, readonly number[]>> = {
  arbitrary: [1],
  approx_distinct: [1],
  approx_percentile: [2],
  contains: [2],
  length: [1],
  listagg: [1, 2],
  log: [2],
  normalize: [1],
  random: [0],
  rand: [0],
  regexp_like: [2],
  regexp_split: [2],
  round: [1, 2],
  trim: [1, 2],
  ltrim: [1, 2],
  rtrim: [1, 2],
  truncate: [1],
  json_array_length: [1],
  from_utf8: [1],
};

/** Functions that are refused, with what to write instead. */
export const REFUSED: Readonly<Record<string, string>> = {
  at_timezone: 'times are kept in UTC',
  timezone: 'times are kept in UTC',
  with_timezone: 'times are kept in UTC',
  combinations: 'use UNNEST and a join',
  sha512: 'use sha256',
};

/** Types that a CAST may name, as the parser calls them. */
export const TYPES: ReadonlySet<string> = new Set([
  ...['BOOLEAN', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL', 'VARCHAR', 'DATE'],
  ...['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIME', 'BLOB', 'LIST', 'MAP', 'STRUCT'],
]);
