export const COLLECTIONS = {
  'Array functions and operators': String.raw`
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
    array_sort(ARRAY[3, 2, 5], (x, y) -> IF(x < y, 1, -1)) = ?NOT_SUPPORTED
    cardinality(ARRAY[1, 2]) = 2
    cardinality(ARRAY[]) = 0
    concat(ARRAY[1], ARRAY[2, 3]) = [1, 2, 3]
    combinations(ARRAY[1, 2], 2) = ?NOT_SUPPORTED
    contains(ARRAY['a', 'b'], 'b') = true
    contains(ARRAY[1, 2], 3) = false
    element_at(ARRAY[1, 2], 2) = 2
    element_at(ARRAY[1, 2], -1) = 2
    element_at(ARRAY[1, 2], 9) = NULL
    filter(ARRAY[], x -> true) = []
    filter(ARRAY[5, -6, NULL, 7], x -> x > 0) = [5, 7]
    filter(ARRAY[5, NULL, 7, NULL], x -> x IS NOT NULL) = [5, 7]
    flatten(ARRAY[ARRAY[1], ARRAY[2, 3]]) = [1, 2, 3]
    ngrams(ARRAY['a', 'b'], 2) = [[a, b]]
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
    sequence(date '2020-01-01', date '2020-01-03', interval '1' day) = [2020-01-01, 2020-01-02, 2020-01-03]
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
    [1, 2] = !SYNTAX_ERROR
    list_sort(ARRAY[2, 1]) = !FUNCTION_NOT_FOUND
    range(3) = !FUNCTION_NOT_FOUND
    array_sort(ARRAY['b', 'a']) = [a, b]
    array_distinct(ARRAY[]) = []
    array_union(ARRAY[1, NULL], ARRAY[NULL, 2]) = [1, null, 2]
    array_intersect(ARRAY[1, NULL], ARRAY[NULL, 2]) = [null]
    array_except(ARRAY[1, NULL], ARRAY[NULL]) = [1]
    array_join(ARRAY[1, 2, 3], ', ') = 1, 2, 3
    array_position(ARRAY['x', 'y', 'y'], 'y') = 2
    contains(ARRAY[1, NULL], 2) = NULL
    contains(ARRAY[1, NULL], 1) = true
    cardinality(NULL) = NULL
    ARRAY[1, 2] || 3 = [1, 2, 3]
    0 || ARRAY[1, 2] = [0, 1, 2]
    ARRAY[ARRAY[1]] || ARRAY[ARRAY[2]] = [[1], [2]]
    ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 2) = [[foo, bar], [bar, baz], [baz, foo]]
    ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 4) = [[foo, bar, baz, foo]]
    ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 5) = [[foo, bar, baz, foo]]
    sequence(5, 1, -2) = [5, 3, 1]
    slice(ARRAY[1, 2, 3], 5, 2) = []
    flatten(ARRAY[ARRAY[1], NULL]) = [1]
    repeat('a', 0) = []
    trim_array(ARRAY[1, 2, 3, 4], 1) = [1, 2, 3]
    shuffle(ARRAY[1]) = [1]
    array_min(ARRAY['b', 'a']) = a
    element_at(ARRAY['a'], -2) = NULL
    reverse(ARRAY['a', NULL]) = [null, a]
    zip_with(ARRAY[1], ARRAY['a', 'b'], (x, y) -> y) = [a, b]
    reduce(ARRAY[1, 2, 3], 1, (s, x) -> s * x, s -> s) = 6
    transform(map_keys(map(ARRAY['a', 'b'], ARRAY[1, 2])), k -> upper(k)) = [A, B]
    ARRAY[1, 2] = ARRAY[1, 2] AND true = true
    cardinality(shuffle(ARRAY[1, 2, 3])) = 3
    cardinality('abc') = !FUNCTION_NOT_FOUND
    cardinality(ARRAY[ARRAY[1], ARRAY[2, 3]]) = 2
    ARRAY['a'] || 'b' || 'c' = [a, b, c]
    ARRAY[1] || NULL = !`,
  'Map functions and operators': String.raw`
    map(ARRAY[1, 3], ARRAY[2, 4]) = {1=2, 3=4}
    map() = {}
    map(ARRAY['k'], ARRAY['v'])['k'] = v
    element_at(map(ARRAY['a'], ARRAY[1]), 'a') = 1
    element_at(map(ARRAY['a'], ARRAY[1]), 'b') = NULL
    cardinality(map(ARRAY['a'], ARRAY[1])) = 1
    map_keys(map(ARRAY['a', 'b'], ARRAY[1, 2])) = [a, b]
    map_values(map(ARRAY['a', 'b'], ARRAY[1, 2])) = [1, 2]
    map_entries(map(ARRAY[1, 2], ARRAY['x', 'y'])) = [{field0=1, field1=x}, {field0=2, field1=y}]
    map_from_entries(ARRAY[(1, 'x'), (2, 'y')]) = {1=x, 2=y}
    map_concat(map(ARRAY[1], ARRAY['a']), map(ARRAY[2], ARRAY['b'])) = {1=a, 2=b}
    map_filter(map(ARRAY[10, 20, 30], ARRAY['a', NULL, 'c']), (k, v) -> v IS NOT NULL) = {10=a, 30=c}
    map_filter(map(ARRAY['k1', 'k2', 'k3'], ARRAY[20, 3, 15]), (k, v) -> v > 10) = {k1=20, k3=15}
    transform_keys(map(ARRAY[1, 2, 3], ARRAY['a', 'b', 'c']), (k, v) -> k + 1) = {2=a, 3=b, 4=c}
    transform_values(map(ARRAY[1, 2, 3], ARRAY[10, 20, 30]), (k, v) -> v + k) = {1=11, 2=22, 3=33}
    transform_values(map(ARRAY[1, 2, 3], ARRAY['a', 'b', 'c']), (k, v) -> k * k) = {1=1, 2=4, 3=9}
    multimap_from_entries(ARRAY[(1, 'x')]) = {1=[x]}
    map_zip_with(map(), map(), (k, a, b) -> a) = {}
    MAP {'a': 1} = !SYNTAX_ERROR
    element_at(map(ARRAY[1, 3], ARRAY[2, NULL]), 3) = NULL
    cardinality(map()) = 0
    map_concat(map(ARRAY[1], ARRAY['a']), map(ARRAY[1], ARRAY['b'])) = {1=b}
    multimap_from_entries(ARRAY[(1, 'x'), (2, 'y'), (1, 'z')]) = {1=[x, z], 2=[y]}
    map_filter(map(), (k, v) -> true) = {}
    map_keys(map()) = []
    map(ARRAY['a'], ARRAY[ARRAY[1, 2]]) = {a=[1, 2]}
    transform_values(map(ARRAY['a'], ARRAY[1]), (k, v) -> k || CAST(v AS varchar)) = {a=a1}
    map_zip_with(map(ARRAY[1, 2, 3], ARRAY['a', 'b', 'c']), map(ARRAY[1, 2, 3], ARRAY['d', 'e', 'f']), (k, v1, v2) -> concat(v1, v2)) = {1=ad, 2=be, 3=cf}
    map_zip_with(map(ARRAY['k1', 'k2'], ARRAY[1, 2]), map(ARRAY['k2', 'k3'], ARRAY[4, 9]), (k, v1, v2) -> coalesce(v1, 0) + coalesce(v2, 0)) = {k1=1, k2=6, k3=9}
    map_zip_with(map(ARRAY['a', 'b', 'c'], ARRAY[1, 8, 27]), map(ARRAY['a', 'b', 'c'], ARRAY[1, 2, 3]), (k, v1, v2) -> k || CAST(v1 / v2 AS varchar)) = {a=a1, b=b4, c=c9}`,
  'Row types and literals': String.raw`
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
