/**
 * Expressions with the values that Trino's documentation gives them ("Functions and operators", "SQL statement syntax",
 * "Migrating from Hive"), a line each, as Athena writes values. `NULL` is null; `!` is refused, with the reason's begin.
 */
export const TRINO_EXPRESSIONS: Readonly<Record<string, string>> = {
  'Logical operators': `
    true AND false = false
    NULL AND false = false
    NULL AND true = NULL
    NULL OR true = true
    NULL OR false = NULL
    NOT NULL = NULL
    NOT true = false`,
  'Comparison functions and operators': `
    3 BETWEEN 2 AND 6 = true
    3 NOT BETWEEN 2 AND 6 = false
    NULL BETWEEN 2 AND 4 = NULL
    2 BETWEEN NULL AND 6 = NULL
    'Paul' BETWEEN 'John' AND 'Ringo' = true
    3.0 IS NULL = false
    NULL IS NULL = true
    NULL IS DISTINCT FROM NULL = false
    1 IS DISTINCT FROM NULL = true
    1 <> 2 = true
    greatest(1, 2, 3) = 3
    greatest(1, NULL) = NULL
    least(3, 1, 2) = 1
    'hello' = ANY (VALUES 'hello', 'world') = true
    21 < ALL (VALUES 19, 20, 21) = false
    21 < ALL (SELECT x FROM (VALUES 19, 20, 21) AS t(x)) = false
    42 >= SOME (SELECT 41 UNION ALL SELECT 42 UNION ALL SELECT 43) = true
    'America' LIKE 'A%' = true
    'Europe' LIKE 'A%' = false
    'Africa' LIKE '_frica' = true
    'South_America' LIKE 'South\\_America' ESCAPE '\\' = true
    'Asia' IN ('Europe', 'Asia') = true
    3 IN (1, NULL) = NULL`,
  'Conditional expressions': `
    CASE 1 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END = one
    CASE WHEN 1 = 2 THEN 'aaa' END = NULL
    if(1 > 2, 'a', 'b') = b
    if(true, 'a') = a
    if(false, 'a') = NULL
    coalesce(NULL, NULL, 'x') = x
    nullif(1, 1) = NULL
    nullif(1, 2) = 1
    try(10 / 0) = NULL
    try(CAST('x' AS bigint)) = NULL
    coalesce(try(6 / 0), 0) = 0`,
  'Conversion functions': `
    CAST('12' AS bigint) = 12
    CAST(2.5e0 AS bigint) = 3
    CAST(-2.5e0 AS bigint) = -3
    CAST(3.5e0 AS integer) = 4
    CAST(0.5e0 AS bigint) = 1
    CAST(1.5e0 AS integer) = 2
    try_cast('x' AS integer) = NULL
    CAST(true AS varchar) = true
    CAST(10 AS varchar) = 10
    CAST(timestamp '2020-05-06 07:08:09' AS varchar) = 2020-05-06 07:08:09.000
    CAST(date '2020-05-06' AS varchar) = 2020-05-06
    CAST('2020-05-06' AS date) = 2020-05-06
    CAST(ROW(1, 2e0) AS ROW(x bigint, y double)) = {x=1, y=2.0}
    CAST(1.25 AS decimal(3, 1)) = 1.3
    CAST('abc' AS varchar(2)) = !NOT_SUPPORTED: line 1:22: varchar with a length
    CAST('{}' AS json) = !NOT_SUPPORTED
    format('%s%%', 123) = 123%
    format('%.5f', pi()) = 3.14159
    format('%03d', 8) = 008
    format('%-7s,%7s,%07d', 'hello', 'hello', 1) = !NOT_SUPPORTED
    format('%,.2f', 1234567.89) = !NOT_SUPPORTED
    format('%tY', date '2020-01-01') = !NOT_SUPPORTED
    typeof(123) = !NOT_SUPPORTED: line 1:8: Function 'typeof' is not translated
    '1'::integer = !NOT_SUPPORTED
    x'65683F' = !NOT_SUPPORTED`,
  'Mathematical functions and operators': `
    7 / 2 = 3
    -7 / 2 = -3
    7 / 2e0 = 3.5
    7 / 2.0 = 3.5
    1 / 3.0 = 0.3
    5 % 3 = 2
    -5 % 3 = -2
    1 / 0 = !DIVISION_BY_ZERO
    5 % 0 = !DIVISION_BY_ZERO
    1e0 / 0 = !DIVISION_BY_ZERO
    0.1 + 0.2 = 0.3
    abs(-5) = 5
    cbrt(27e0) = 3.0
    ceil(1.2e0) = 2.0
    ceiling(-1.2e0) = -1.0
    floor(-1.2e0) = -2.0
    degrees(pi()) = 180.0
    radians(180e0) = 3.141592653589793
    exp(0e0) = 1.0
    e() = 2.718281828459045
    ln(1e0) = 0.0
    log(2, 8) = 3.0
    log2(8e0) = 3.0
    log10(1000e0) = 3.0
    mod(5, 3) = 2
    pi() = 3.141592653589793
    pow(2, 3) = 8.0
    power(2e0, 0.5e0) = 1.4142135623730951
    round(2.5e0) = 3.0
    round(-2.5e0) = -3.0
    round(3.14159e0, 2) = 3.14
    sign(-3) = -1
    sqrt(16e0) = 4.0
    truncate(-1.9e0) = -1.0
    truncate(1.9e0) = 1.0
    width_bucket(5.35e0, 0.024e0, 10.06e0, 5) = 3
    width_bucket(-1e0, 0e0, 10e0, 5) = 0
    width_bucket(11e0, 0e0, 10e0, 5) = 6
    is_nan(nan()) = true
    is_finite(1e0) = true
    is_infinite(infinity()) = true
    nan() = NaN
    infinity() = Infinity
    to_base(255, 16) = ff
    sin(0e0) = 0.0
    cos(0e0) = 1.0
    tan(0e0) = 0.0
    atan2(0e0, 1e0) = 0.0
    cosh(0e0) = 1.0
    tanh(0e0) = 0.0
    2 ** 3 = !SYNTAX_ERROR
    5 // 2 = !SYNTAX_ERROR
    xor(1, 2) = !FUNCTION_NOT_FOUND: line 1:8: Function 'xor' not registered
    factorial(5) = !FUNCTION_NOT_FOUND`,
  'Bitwise functions': `
    bitwise_and(19, 25) = 17
    bitwise_or(19, 25) = 27
    bitwise_xor(19, 25) = 10
    bitwise_not(-12) = 11
    bitwise_not(19) = -20
    bitwise_left_shift(1, 2) = 4
    bitwise_left_shift(5, 2) = 20
    bitwise_right_shift(8, 3) = !FUNCTION_NOT_FOUND
    bit_count(9, 64) = !FUNCTION_NOT_FOUND
    1 << 2 = !SYNTAX_ERROR
    19 & 25 = !SYNTAX_ERROR
    ~19 = !SYNTAX_ERROR`,
  'String functions and operators': `
    'a' || 'b' = ab
    'a' || NULL = NULL
    concat('a', 'b', 'c') = abc
    concat('a', NULL) = NULL
    concat_ws(',', 'a', NULL, 'b') = a,b
    chr(65) = A
    codepoint('a') = 97
    hamming_distance('abc', 'abd') = 1
    length('hello') = 5
    levenshtein_distance('kitten', 'sitting') = 3
    lower('HeLLo') = hello
    upper('HeLLo') = HELLO
    lpad('a', 3, 'xy') = xya
    lpad('hello', 3, 'x') = hel
    rpad('a', 3, 'xy') = axy
    ltrim('  a ') = a 
    rtrim(' a  ') =  a
    trim('  a  ') = a
    trim(BOTH '$' FROM '$var$') = var
    replace('abcabc', 'b') = acac
    replace('abcabc', 'b', 'x') = axcaxc
    reverse('abc') = cba
    split('a,b,c', ',') = [a, b, c]
    split('a,b,c', ',', 2) = [a, b,c]
    split_part('a,b,c', ',', 2) = b
    split_part('a,b,c', ',', 4) = NULL
    starts_with('abc', 'ab') = true
    strpos('abc', 'c') = 3
    strpos('abc', 'x') = 0
    strpos('abcabc', 'b', 2) = !NOT_SUPPORTED
    position('b' IN 'abc') = 2
    substr('abcd', 2) = bcd
    substr('abcd', 2, 2) = bc
    substr('abcd', -2) = cd
    substr('abcd', -3, 2) = bc
    substr('abcd', 0) = 
    substr('abcd', -9) = 
    substring('abcd', 3) = cd
    substring('abcd' FROM 2 FOR 2) = bc
    translate('abcd', '', '') = abcd
    translate('abcd', 'a', 'z') = zbcd
    translate('abcda', 'a', 'z') = zbcdz
    translate('abcd', 'a', '') = bcd
    normalize('a') = a
    length('élan') = 4
    soundex('a') = !FUNCTION_NOT_FOUND
    word_stem('running') = !FUNCTION_NOT_FOUND
    md5('a') = !NOT_SUPPORTED
    left('abc', 2) = !FUNCTION_NOT_FOUND
    string_split('a b', ' ') = !FUNCTION_NOT_FOUND`,
  'Regular expression functions': `
    regexp_count('1a 2b 14m', '\\s*[a-z]+\\s*') = 3
    regexp_extract_all('1a 2b 14m', '\\d+') = [1, 2, 14]
    regexp_extract_all('1a 2b 14m', '(\\d+)([a-z]+)', 2) = [a, b, m]
    regexp_extract('1a 2b 14m', '\\d+') = 1
    regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2) = a
    regexp_extract('abc', '\\d') = NULL
    regexp_like('1a 2b 14m', '\\d+b') = true
    regexp_like('abc', '^b') = false
    regexp_replace('1a 2b 14m', '\\d+[ab] ') = 14m
    regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ') = 3ca 3cb 14m
    regexp_replace('new york', '(\\w)(\\w*)', x -> upper(x[1]) || lower(x[2])) = !NOT_SUPPORTED
    regexp_split('1a 2b 14m', '\\s*[a-z]+\\s*') = [1, 2, 14, ]
    regexp_position('abc', 'b') = !FUNCTION_NOT_FOUND
    regexp_matches('abc', 'b') = !FUNCTION_NOT_FOUND
    regexp_like('ab', '(?=b)') = !`,
  'Array functions and operators': `
    ARRAY[1, 2, 3] = [1, 2, 3]
    ARRAY[1, 2, 3][2] = 2
    ARRAY[1] || ARRAY[2] = [1, 2]
    ARRAY[] = []
    all_match(ARRAY[1, 2], x -> x > 0) = true
    all_match(ARRAY[1, NULL], x -> x > 0) = NULL
    all_match(ARRAY[], x -> x > 0) = true
    any_match(ARRAY[1, 2], x -> x = 2) = true
    any_match(ARRAY[1, NULL], x -> x = 2) = NULL
    any_match(ARRAY[1, 3], x -> x = 2) = false
    none_match(ARRAY[1, 2], x -> x = 2) = false
    none_match(ARRAY[1, 3], x -> x = 2) = true
    array_distinct(ARRAY[3, 1, 3, NULL, NULL]) = [3, 1, null]
    array_intersect(ARRAY[1, 2, 2], ARRAY[2, 3]) = [2]
    array_union(ARRAY[1, 2], ARRAY[2, 3]) = [1, 2, 3]
    array_except(ARRAY[1, 2, 2, 3], ARRAY[2]) = [1, 3]
    array_join(ARRAY['x', NULL, 'y'], '-') = x-y
    array_join(ARRAY['x', NULL, 'y'], '-', '?') = x-?-y
    array_max(ARRAY[1, 3, 2]) = 3
    array_max(ARRAY[1, NULL]) = NULL
    array_max(ARRAY[]) = NULL
    array_min(ARRAY[3, 1, 2]) = 1
    arrays_overlap(ARRAY[1, 2], ARRAY[2]) = true
    arrays_overlap(ARRAY[1, 2], ARRAY[3]) = false
    arrays_overlap(ARRAY[1, NULL], ARRAY[3]) = NULL
    array_position(ARRAY[4, 5], 5) = 2
    array_position(ARRAY[4, 5], 6) = 0
    array_remove(ARRAY[1, 2, 1], 1) = [2]
    array_remove(ARRAY[1, NULL, 2], 1) = [null, 2]
    array_sort(ARRAY[3, NULL, 1]) = [1, 3, null]
    array_sort(ARRAY[3, 2, 5], (x, y) -> IF(x < y, 1, -1)) = !NOT_SUPPORTED
    cardinality(ARRAY[1, 2]) = 2
    cardinality(ARRAY[]) = 0
    concat(ARRAY[1], ARRAY[2, 3]) = [1, 2, 3]
    combinations(ARRAY[1, 2], 2) = !NOT_SUPPORTED
    contains(ARRAY['a', 'b'], 'b') = true
    contains(ARRAY[1, 2], 3) = false
    element_at(ARRAY[1, 2], 2) = 2
    element_at(ARRAY[1, 2], -1) = 2
    element_at(ARRAY[1, 2], 9) = NULL
    filter(ARRAY[], x -> true) = []
    filter(ARRAY[5, -6, NULL, 7], x -> x > 0) = [5, 7]
    filter(ARRAY[5, NULL, 7, NULL], x -> x IS NOT NULL) = [5, 7]
    flatten(ARRAY[ARRAY[1], ARRAY[2, 3]]) = [1, 2, 3]
    ngrams(ARRAY['a', 'b'], 2) = !NOT_SUPPORTED
    reduce(ARRAY[], 0, (s, x) -> s + x, s -> s) = 0
    reduce(ARRAY[5, 20, 50], 0, (s, x) -> s + x, s -> s) = 75
    reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + x, s -> s) = NULL
    reduce(ARRAY[5, 20, NULL, 50], 0, (s, x) -> s + coalesce(x, 0), s -> s) = 75
    reduce(ARRAY[1, 2], 10, (s, x) -> s + x, s -> s * 2) = 26
    repeat(7, 3) = [7, 7, 7]
    reverse(ARRAY[1, 2, 3]) = [3, 2, 1]
    sequence(1, 3) = [1, 2, 3]
    sequence(3, 1) = [3, 2, 1]
    sequence(1, 7, 3) = [1, 4, 7]
    sequence(date '2020-01-01', date '2020-01-03', interval '1' day) = !NOT_SUPPORTED
    slice(ARRAY[1, 2, 3, 4], 2, 2) = [2, 3]
    slice(ARRAY[1, 2, 3, 4], -2, 2) = [3, 4]
    transform(ARRAY[], x -> x + 1) = []
    transform(ARRAY[5, 6], x -> x + 1) = [6, 7]
    transform(ARRAY[5, NULL, 6], x -> coalesce(x, 0) + 1) = [6, 1, 7]
    transform(ARRAY['x', 'abc', 'z'], x -> x || '0') = [x0, abc0, z0]
    transform(ARRAY[ARRAY[1, NULL, 2], ARRAY[3, NULL]], a -> filter(a, x -> x IS NOT NULL)) = [[1, 2], [3]]
    zip(ARRAY[1, 2], ARRAY['1b', NULL, '3b']) = [{field0=1, field1=1b}, {field0=2, field1=null}, {field0=null, field1=3b}]
    zip_with(ARRAY[1, 2], ARRAY[3, 4], (x, y) -> x + y) = [4, 6]
    zip_with(ARRAY['a', 'b', 'c'], ARRAY['d', 'e', 'f'], (x, y) -> concat(x, y)) = [ad, be, cf]
    [1, 2] = [1, 2]
    list_sort(ARRAY[2, 1]) = !FUNCTION_NOT_FOUND
    range(3) = !FUNCTION_NOT_FOUND`,
  'Map functions and operators': `
    map(ARRAY[1, 3], ARRAY[2, 4]) = {1=2, 3=4}
    map() = {}
    map(ARRAY['k'], ARRAY['v'])['k'] = v
    element_at(map(ARRAY['a'], ARRAY[1]), 'a') = 1
    element_at(map(ARRAY['a'], ARRAY[1]), 'b') = NULL
    cardinality(map(ARRAY['a'], ARRAY[1])) = 1
    map_keys(map(ARRAY['a', 'b'], ARRAY[1, 2])) = [a, b]
    map_values(map(ARRAY['a', 'b'], ARRAY[1, 2])) = [1, 2]
    map_entries(map(ARRAY[1, 2], ARRAY['x', 'y'])) = [{key=1, value=x}, {key=2, value=y}]
    map_from_entries(ARRAY[(1, 'x'), (2, 'y')]) = {1=x, 2=y}
    map_concat(map(ARRAY[1], ARRAY['a']), map(ARRAY[2], ARRAY['b'])) = {1=a, 2=b}
    map_filter(map(ARRAY[10, 20, 30], ARRAY['a', NULL, 'c']), (k, v) -> v IS NOT NULL) = {10=a, 30=c}
    map_filter(map(ARRAY['k1', 'k2', 'k3'], ARRAY[20, 3, 15]), (k, v) -> v > 10) = {k1=20, k3=15}
    transform_keys(map(ARRAY[1, 2, 3], ARRAY['a', 'b', 'c']), (k, v) -> k + 1) = {2=a, 3=b, 4=c}
    transform_values(map(ARRAY[1, 2, 3], ARRAY[10, 20, 30]), (k, v) -> v + k) = {1=11, 2=22, 3=33}
    transform_values(map(ARRAY[1, 2, 3], ARRAY['a', 'b', 'c']), (k, v) -> k * k) = {1=1, 2=4, 3=9}
    multimap_from_entries(ARRAY[(1, 'x')]) = !FUNCTION_NOT_FOUND
    map_zip_with(map(), map(), (k, a, b) -> a) = !FUNCTION_NOT_FOUND
    MAP {'a': 1} = {a=1}`,
  'Date and time functions and operators': `
    date '2012-08-08' + interval '2' day = 2012-08-10
    date '2012-10-31' + interval '1' month = 2012-11-30
    date '2012-08-08' - interval '2' day = 2012-08-06
    timestamp '2012-10-31 01:00' + interval '1' month = 2012-11-30 01:00:00.000
    timestamp '2012-08-08 01:00' + interval '29' hour = 2012-08-09 06:00:00.000
    timestamp '2012-08-08 01:00' - interval '29' hour = 2012-08-06 20:00:00.000
    date_trunc('second', timestamp '2001-08-22 03:04:05.321') = 2001-08-22 03:04:05.000
    date_trunc('minute', timestamp '2001-08-22 03:04:05.321') = 2001-08-22 03:04:00.000
    date_trunc('hour', timestamp '2001-08-22 03:04:05.321') = 2001-08-22 03:00:00.000
    date_trunc('day', timestamp '2001-08-22 03:04:05.321') = 2001-08-22 00:00:00.000
    date_trunc('week', timestamp '2001-08-22 03:04:05.321') = 2001-08-20 00:00:00.000
    date_trunc('month', timestamp '2001-08-22 03:04:05.321') = 2001-08-01 00:00:00.000
    date_trunc('quarter', timestamp '2001-08-22 03:04:05.321') = 2001-07-01 00:00:00.000
    date_trunc('year', timestamp '2001-08-22 03:04:05.321') = 2001-01-01 00:00:00.000
    date_trunc('month', date '2001-08-22') = 2001-08-01
    date_add('second', 86, timestamp '2020-03-01 00:00:00') = 2020-03-01 00:01:26.000
    date_add('hour', 9, timestamp '2020-03-01 00:00:00') = 2020-03-01 09:00:00.000
    date_add('day', -1, timestamp '2020-03-01 00:00:00') = 2020-02-29 00:00:00.000
    date_add('day', 1, date '2020-02-28') = 2020-02-29
    date_diff('second', timestamp '2020-03-01 00:00:00', timestamp '2020-03-02 00:00:00') = 86400
    date_diff('hour', timestamp '2020-03-01 00:00:00', timestamp '2020-03-02 00:00:00') = 24
    date_diff('day', date '2020-03-01', date '2020-03-02') = 1
    date_diff('month', date '2020-03-01', date '2020-04-01') = 1
    date_diff('month', date '2024-01-31', date '2024-02-01') = 0
    date('2020-03-01') = 2020-03-01
    last_day_of_month(date '2020-02-05') = 2020-02-29
    year(date '2020-03-01') = 2020
    quarter(date '2020-03-01') = 1
    month(date '2020-03-01') = 3
    week(date '2020-03-01') = 9
    week_of_year(date '2020-03-01') = 9
    day(date '2020-03-01') = 1
    day_of_month(date '2020-03-01') = 1
    day_of_week(date '2020-03-01') = 7
    dow(date '2020-03-02') = 1
    day_of_year(date '2020-03-01') = 61
    doy(date '2020-03-01') = 61
    year_of_week(date '2021-01-01') = 2020
    yow(date '2021-01-01') = 2020
    hour(timestamp '2001-08-22 03:04:05.321') = 3
    minute(timestamp '2001-08-22 03:04:05.321') = 4
    second(timestamp '2001-08-22 03:04:05.321') = 5
    millisecond(timestamp '2001-08-22 03:04:05.321') = 321
    extract(YEAR FROM timestamp '2022-10-20 05:10:00') = 2022
    extract(DOW FROM date '2020-03-01') = 7
    extract(DOY FROM date '2020-03-01') = 61
    date_format(timestamp '2022-10-20 05:10:00', '%m-%d-%Y %H') = 10-20-2022 05
    date_format(timestamp '2022-10-20 05:10:00', '%Y-%m-%d %H:%i:%s') = 2022-10-20 05:10:00
    date_format(timestamp '2022-10-20 05:10:00', '%W %M %e') = Thursday October 20
    date_format(timestamp '2022-10-20 05:10:00', '%D') = !NOT_SUPPORTED
    date_parse('2022/10/20/05', '%Y/%m/%d/%H') = 2022-10-20 05:00:00.000
    format_datetime(timestamp '2022-10-20 05:10:00', 'YYYY') = !NOT_SUPPORTED
    parse_datetime('2022', 'YYYY') = !NOT_SUPPORTED
    from_unixtime(1) = 1970-01-01 00:00:01.000 UTC
    to_unixtime(from_unixtime(1)) = 1.0
    to_unixtime(timestamp '1970-01-01 00:00:01') = 1.0
    from_iso8601_date('2020-05-11') = 2020-05-11
    from_iso8601_timestamp('2020-05-11T11:15:05Z') = 2020-05-11 11:15:05.000 UTC
    to_iso8601(date '2020-05-11') = 2020-05-11
    to_iso8601(timestamp '2020-05-11 11:15:05') = 2020-05-11T11:15:05.000
    timestamp '2012-10-31 01:00 UTC' AT TIME ZONE 'America/Los_Angeles' = !NOT_SUPPORTED
    timestamp '2020-06-10 15:55:23 UTC' = 2020-06-10 15:55:23.000 UTC
    human_readable_seconds(96) = !FUNCTION_NOT_FOUND
    strftime(date '2020-01-01', '%Y') = !FUNCTION_NOT_FOUND
    epoch(date '2020-01-01') = !FUNCTION_NOT_FOUND`,
  'JSON functions': `
    json_extract_scalar('{"a": 1}', '$.a') = 1
    json_extract_scalar('[1, 2, 3]', '$[2]') = 3
    json_extract_scalar('{"a": {"b": "x"}}', '$.a.b') = x
    json_extract_scalar('{"a": 1}', '$.b') = NULL
    json_extract('{"a": {"b": 1}}', '$.a') = {"b":1}
    json_array_length('[1, 2, 3]') = 3
    json_parse('[1]') = !NOT_SUPPORTED
    json_format('[1]') = !NOT_SUPPORTED
    json_array_get('[1]', 0) = !FUNCTION_NOT_FOUND`,
  'Binary functions': `
    to_hex(to_utf8('hi')) = 6869
    from_utf8(to_utf8('hi')) = hi
    sha256(to_utf8('hi')) = !NOT_SUPPORTED
    from_base64('aGk=') = !FUNCTION_NOT_FOUND`,
  'Row types and literals': `
    ROW(1, 2e0) = {field0=1, field1=2.0}
    CAST(ROW(1, 'x') AS ROW(a bigint, b varchar)).b = x
    9223372036854775807 = 9223372036854775807
    1e10 = 1.0E10
    1.5 = 1.5
    true = true
    'it''s' = it's
    NULL = NULL
    date '2020-03-01' = 2020-03-01`,
};

/** Whole queries: their rows, each a line of values joined by `|`, separated by ` / `. */
export const TRINO_QUERIES: readonly (readonly [query: string, rows: string])[] = [
  ['SELECT count(*) FROM (VALUES 1, 2, 3) AS t(x)', '3'],
  ['SELECT count(x) FROM (VALUES 1, NULL, 3) AS t(x)', '2'],
  ['SELECT count_if(x > 1) FROM (VALUES 1, 2, 3) AS t(x)', '2'],
  ['SELECT sum(x) FROM (VALUES 1, 2, 3) AS t(x)', '6'],
  ['SELECT avg(x) FROM (VALUES 1, 2) AS t(x)', '1.5'],
  ['SELECT arbitrary(x) FROM (VALUES 7, 7) AS t(x)', '7'],
  ['SELECT array_agg(x ORDER BY y DESC) FROM (VALUES (1, 2), (2, 3)) AS t(x, y)', '[2, 1]'],
  ['SELECT array_agg(x ORDER BY x) FILTER (WHERE x IS NOT NULL) FROM (VALUES 2, NULL, 1) AS t(x)', '[1, 2]'],
  ['SELECT bool_and(x > 0), bool_or(x > 2), every(x > 1) FROM (VALUES 1, 2) AS t(x)', 'true|false|false'],
  ['SELECT max_by(x, y), min_by(x, y) FROM (VALUES (1, 9), (2, 8)) AS t(x, y)', '1|2'],
  ['SELECT geometric_mean(x) FROM (VALUES 2e0, 8e0) AS t(x)', '4.0'],
  ['SELECT map_agg(k, v) FROM (VALUES (1, 2)) AS t(k, v)', '{1=2}'],
  ['SELECT histogram(x) FROM (VALUES 1, 1, 2) AS t(x)', '{1=2, 2=1}'],
  ['SELECT bitwise_and_agg(x), bitwise_or_agg(x) FROM (VALUES 6, 3) AS t(x)', '2|7'],
  ['SELECT stddev_pop(x), var_pop(x) FROM (VALUES 1, 3) AS t(x)', '1.0|1.0'],
  ['SELECT corr(x, y), covar_pop(x, y) FROM (VALUES (1, 1), (2, 2)) AS t(x, y)', '1.0|0.25'],
  ['SELECT count(DISTINCT x) FROM (VALUES 1, 1, 2) AS t(x)', '2'],
  ['SELECT x, count(*) FROM (VALUES 1, 1, 2) AS t(x) GROUP BY x HAVING count(*) > 1', '1|2'],
  [
    'SELECT x, y, sum(z) FROM (VALUES (1, 2, 3)) AS t(x, y, z) GROUP BY ROLLUP (x, y) ORDER BY 1, 2',
    '1|2|3 / 1||3 / ||3',
  ],
  [
    'SELECT x, sum(y) FROM (VALUES (1, 2)) AS t(x, y) GROUP BY GROUPING SETS ((x), ()) ORDER BY 1',
    '1|2 / |2',
  ],
  ['SELECT grouping(x), sum(y) FROM (VALUES (1, 2)) AS t(x, y) GROUP BY CUBE (x) ORDER BY 1', '0|2 / 1|2'],
  ['SELECT * FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x', '1 / 3 / '],
  ['SELECT * FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x DESC', '3 / 1 / '],
  ['SELECT * FROM (VALUES 3, NULL, 1) AS t(x) ORDER BY x NULLS FIRST', ' / 1 / 3'],
  ['SELECT x FROM (VALUES 1, 2, 3, 4) AS t(x) ORDER BY x OFFSET 1 LIMIT 2', '2 / 3'],
  ['SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x FETCH FIRST 2 ROWS ONLY', '1 / 2'],
  ['SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1', '1 / 2'],
  ['SELECT * FROM (VALUES 13, 42) INTERSECT SELECT 13', '13'],
  ['SELECT * FROM (VALUES 13, 42) EXCEPT SELECT 13', '42'],
  ['WITH t(a) AS (SELECT 1), u AS (SELECT a + 1 AS b FROM t) SELECT b FROM u', '2'],
  [
    'WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT sum(n) FROM t',
    '10',
  ],
  [
    "SELECT student, score FROM (VALUES ('John', ARRAY[7, 10])) AS t(student, scores) CROSS JOIN UNNEST(scores) AS u(score) ORDER BY score",
    'John|7 / John|10',
  ],
  ["SELECT a, n FROM UNNEST(ARRAY['x', 'y']) WITH ORDINALITY AS t(a, n)", 'x|1 / y|2'],
  ['SELECT a, b FROM UNNEST(ARRAY[2, 5], ARRAY[7, 8, 9]) AS t(a, b)', '2|7 / 5|8 / |9'],
  [
    "SELECT animal, n FROM UNNEST(map(ARRAY['dog', 'cat'], ARRAY[1, 2])) AS t(animal, n) ORDER BY n",
    'dog|1 / cat|2',
  ],
  ['SELECT u.x + v.y FROM (VALUES 1) AS u(x) CROSS JOIN (VALUES 2) AS v(y)', '3'],
  [
    'SELECT t.x, u.y FROM (VALUES 1, 2) AS t(x) LEFT JOIN (VALUES (1, 5)) AS u(x, y) ON t.x = u.x ORDER BY 1',
    '1|5 / 2|',
  ],
  ['SELECT x, y FROM (VALUES 1) AS t(x) JOIN (VALUES (1, 7)) AS u(x, y) USING (x)', '1|7'],
  ['SELECT t.x, u.y FROM (VALUES 1) AS t(x) FULL JOIN (VALUES 2) AS u(y) ON t.x = u.y ORDER BY 1', '1| / |2'],
  [
    'SELECT t.x, a.y FROM (VALUES 1, 2) AS t(x) CROSS JOIN LATERAL (SELECT t.x * 10 AS y) AS a ORDER BY 1',
    '1|10 / 2|20',
  ],
  [
    'SELECT x FROM (VALUES 1, 2) AS t(x) WHERE EXISTS (SELECT 1 FROM (VALUES 2) AS u(y) WHERE u.y = t.x)',
    '2',
  ],
  ['SELECT (SELECT max(y) FROM (VALUES 4, 9) AS u(y))', '9'],
  ['SELECT x, row_number() OVER (ORDER BY x DESC) FROM (VALUES 5, 6) AS t(x) ORDER BY x', '5|2 / 6|1'],
  [
    'SELECT x, rank() OVER (ORDER BY x), dense_rank() OVER (ORDER BY x) FROM (VALUES 1, 1, 2) AS t(x) ORDER BY x',
    '1|1|1 / 1|1|1 / 2|3|2',
  ],
  [
    'SELECT x, lag(x) OVER (ORDER BY x), lead(x, 1, 0) OVER (ORDER BY x) FROM (VALUES 1, 2) AS t(x) ORDER BY x',
    '1||2 / 2|1|0',
  ],
  [
    'SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x',
    '1|1 / 2|3 / 3|5',
  ],
  ['SELECT x, ntile(2) OVER (ORDER BY x) FROM (VALUES 1, 2) AS t(x) ORDER BY x', '1|1 / 2|2'],
  ['SELECT x, first_value(x) OVER (ORDER BY x) FROM (VALUES 4, 5) AS t(x) ORDER BY x', '4|4 / 5|4'],
  ['SELECT x, sum(x) OVER w FROM (VALUES 1, 2) AS t(x) WINDOW w AS (ORDER BY x) ORDER BY x', '1|1 / 2|3'],
  ['SELECT DISTINCT x FROM (VALUES 1, 1) AS t(x)', '1'],
  ["VALUES (1, 'a'), (2, 'b')", '1|a / 2|b'],
  ["SELECT r.b FROM (SELECT CAST(ROW(1, 'y') AS ROW(a integer, b varchar)) AS r)", 'y'],
  ['SELECT approx_distinct(x) FROM (VALUES 1, 1, 1) AS t(x)', '1'],
  ['SELECT transform(ARRAY[1], x -> x + y) FROM (VALUES 5) AS t(y)', '[6]'],
  ['TABLE t', '!'],
  ['SELECT * EXCLUDE (x) FROM (VALUES (1, 2)) AS t(x, y)', '!NOT_SUPPORTED'],
  ['SELECT COLUMNS(*) FROM (VALUES 1) AS t(x)', '!NOT_SUPPORTED'],
  ['SELECT #1 FROM (VALUES 1) AS t(x)', '!NOT_SUPPORTED'],
  ['SELECT * FROM range(3)', "!FUNCTION_NOT_FOUND: line 1:15: Table function 'range' not registered"],
  ['PIVOT t ON x USING sum(y)', '!'],
  ["SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'b', 'a') AS t(x)", '!'],
  ['SELECT 1;', '1'],
  ['SELECT 1; SELECT 2', '!SYNTAX_ERROR'],
  ['CREATE TABLE x AS SELECT 1', '!NOT_SUPPORTED'],
  ['INSERT INTO x VALUES (1)', '!NOT_SUPPORTED'],
  ['SELEC 1', '!SYNTAX_ERROR: line 1:1'],
  ['SELECT 1 FROM', '!SYNTAX_ERROR'],
];
