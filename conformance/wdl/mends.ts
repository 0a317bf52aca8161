/**
 * Examples of the specification that cannot come to what they say, with what is wrong in each and the least that
 * makes it right. The runner tries every example as it is printed first and says which passed only when mended.
 */
export interface Mend {
  readonly why: string;
  /** It needs its image: without `--images` it is not judged. */
  readonly needsImage?: boolean;
  /** Texts of the document to replace. */
  readonly source?: readonly (readonly [from: string, to: string])[];
  readonly kind?: 'workflow' | 'task';
  readonly target?: string;
  readonly fails?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const COUNTED_FILE = 'wc prints the name of a file that it is given, which is no part of an Int';
const GREETINGS = 'greetings.txt does not end in a line break: wc counts 2';
const BRACE_RANGE = '1..3 is one word to the shell, not three numbers';
const LACKS_OUTPUT = 'the expected outputs leave one out';
const PRINTF_WORDS = 'printf prints its first argument only';

export const mends: Readonly<Record<string, Mend>> = {
  'hello_parallel.wdl': {
    why: '/greetings.txt and greetings2.txt are not among the test data; the outputs carry the name of another workflow',
    inputs: { 'hello_parallel.pattern': '^[a-z_]+$', 'hello_parallel.files': ['greetings.txt'] },
    outputs: { 'hello_parallel.all_matches': [['hi_world']] },
  },
  'workflow_with_comments.wdl': {
    why: 'cat of a number: there is no such file',
    source: [['cat ~{number * 2}', 'echo ~{number * 2}']],
  },
  'multiline_strings2.wdl': {
    why: 'the expected outputs lack commas; hw3 has one space in its source, where its comment says two',
    source: [['  hello world>>>', '  hello  world>>>']],
    outputs: {
      ...Object.fromEntries(
        [0, 1, 2, 3, 4, 5, 6].map((number) => [`multiline_strings2.hw${number}`, 'hello  world']),
      ),
      'multiline_strings2.not_equivalent': 'hello \\\n  world',
    },
  },
  'multiline_strings3.wdl': {
    why: 'the expected outputs lack commas; C and D have no blank line before their end and so no last line break (rule 3)',
    outputs: {
      'multiline_strings3.multi_line_A': '\nthis is a\n\n  multi-line string\n',
      'multiline_strings3.multi_line_B': '\nthis is a\n\n  multi-line string\n',
      'multiline_strings3.multi_line_C': '\nthis is a\n\n  multi-line string',
      'multiline_strings3.multi_line_D': '\nthis is a\n\n  multi-line string',
    },
  },
  'optionals.wdl': {
    why: LACKS_OUTPUT,
    outputs: {
      'optionals.test_defined': false,
      'optionals.test_defined2': true,
      'optionals.test_is_none': true,
      'optionals.test_not_none': false,
      'optionals.test_non_equal': true,
    },
  },
  'sum_task.wdl': { why: PRINTF_WORDS, source: [['printf ~{sep', 'echo ~{sep']] },
  'non_empty_optional.wdl': {
    why: 'None is null, not an empty array, which Array[Int]+ could not be',
    outputs: {
      'non_empty_optional.nonempty1': [0],
      'non_empty_optional.nonempty2': [null, 1],
      'non_empty_optional.nonempty3': null,
      'non_empty_optional.nonempty4': [0],
    },
  },
  'test_object.wdl': { why: 'f is declared nowhere; the object is obj', source: [['f.a', 'obj.a']] },
  'test_struct.wdl': {
    why: 'the output is called john, not person',
    outputs: {
      'test_struct.john': {
        name: 'John',
        account: {
          account_number: '123456',
          routing_number: 300211325,
          balance: 3.5,
          pin_digits: [1, 2, 3, 4],
        },
      },
      'test_struct.has_account': true,
    },
  },
  'map_to_struct.wdl': {
    why: 'the keys beware, key and lookup are no members of Words: "must not have any members that are not declared"',
    fails: true,
  },
  'task_outputs.wdl': { why: COUNTED_FILE, source: [['wc -l ~{', 'wc -l < ~{']] },
  'array_map_equality.wdl': {
    why: 'the expected outputs contradict the comments and the rule that they illustrate',
    outputs: {
      'array_map_equality.is_true1': true,
      'array_map_equality.is_true2': true,
      'array_map_equality.is_false1': false,
      'array_map_equality.is_false2': false,
    },
  },
  'nested_access.wdl': {
    why: 'the data holds names: "Pinky" is no Float',
    source: [['Map[String, Float] data', 'Map[String, String] data']],
  },
  'placeholders.wdl': {
    why: `the workflow's input is called instr, not input; ${LACKS_OUTPUT}`,
    inputs: { 'placeholders.start': 'h', 'placeholders.end': 'o', 'placeholders.instr': 'hello' },
    outputs: { 'placeholders.s': '4', 'placeholders.cmd': "grep 'h...o' hello" },
  },
  'multiline_string_placeholders.wdl': {
    why: `the workflow has another name than its outputs; ${LACKS_OUTPUT}`,
    source: [['workflow multiline_strings ', 'workflow multiline_string_placeholders ']],
    outputs: {
      'multiline_string_placeholders.spaces': '  ',
      'multiline_string_placeholders.name': 'Henry',
      'multiline_string_placeholders.company': 'Acme',
      'multiline_string_placeholders.multi_line': '  Hello Henry,\n  Welcome to Acme!',
    },
  },
  'flags_task.wdl': { why: 'the output is a String', outputs: { 'flags.num_matches': '2' } },
  'person_struct_task.wdl': {
    why: "the task is called greet_person; the shell's -gt compares no Floats",
    target: 'greet_person',
    source: [['Float amount', 'Int amount']],
    inputs: {
      'greet_person.person': {
        name: { first: 'Richard', last: 'Rich' },
        age: 14,
        income: { amount: 1000000, period: 'annually' },
        assay_data: { wealthitis: 'hello.txt' },
      },
    },
    outputs: {
      'greet_person.message':
        'Hello Richard! You have 1 test result(s) available.\nPlease transfer USD 500 to continue',
    },
  },
  'import_structs.wdl': {
    why: 'the namespace of person_struct_task.wdl is person_struct_task',
    source: [['person_struct.greet_person', 'person_struct_task.greet_person']],
  },
  'test_placeholders_task.wdl': { why: PRINTF_WORDS, source: [['printf ~{sep', 'echo ~{sep']] },
  'python_strip_task.wdl': {
    why: 'Python refuses the indentation that is left; the output has no name; there is no image python:latest, only python3',
    source: [
      ['python <<CODE', 'python3 <<CODE'],
      ['    with', '  with'],
      ['      for', '    for'],
      ['        if', '      if'],
      ['          print', '        print'],
    ],
    outputs: { 'python_strip.lines': ['A', 'B', 'C'] },
  },
  'outputs_task.wdl': { why: 'the task has no input write_outstr', inputs: { 'outputs.t': 5 } },
  'glob_task.wdl': { why: BRACE_RANGE, source: [['1..~{num_files}', '$(seq ~{num_files})']] },
  'gen_files_task.wdl': { why: BRACE_RANGE, source: [['1..~{num_files}', '$(seq ~{num_files})']] },
  'relative_and_absolute_task.wdl': {
    why: 'the content of something.txt is no file; there is no image ubuntu:focal, and without one no /root/.bashrc',
    source: [
      ['File something', 'String something'],
      ['/root/.bashrc', '/etc/os-release'],
    ],
  },
  'runtime_container_task.wdl': {
    why: 'the output is a String',
    needsImage: true,
    outputs: { 'runtime_container.is_true': 'true' },
  },
  'dynamic_container_task.wdl': {
    why: 'the output is a String',
    needsImage: true,
    outputs: { 'dynamic_container.is_true': 'true' },
  },
  'optional_output_task.wdl': { why: '"if ...; do" is no shell', source: [['; do', '; then']] },
  'all_return_codes_task.wdl': {
    why: 'the task is called multi_return_code or, in 1.1, multi_return_code_task',
    target: 'multi_return_code',
    source: [['multi_return_code_task', 'multi_return_code']],
  },
  'call_imported_task.wdl': {
    why: 'the document has a workflow and no task',
    kind: 'workflow',
    target: 'call_imported_task',
  },
  'main.wdl': {
    why: `${COUNTED_FILE} (in other.wdl); "hello" without a line break has 0 lines`,
    outputs: { 'main.echo_results': 'hello', 'main.foobar_results': 0, 'main.echo_array': ['a', 'b', 'c'] },
  },
  'other.wdl': {
    why: `${COUNTED_FILE}; ${GREETINGS}`,
    source: [['wc -l ~{', 'wc -l < ~{']],
    outputs: { 'other.results': 2 },
  },
  'test_hints_task.wdl': {
    why: `${COUNTED_FILE}; ${GREETINGS}`,
    source: [['wc -l ~{', 'wc -l < ~{']],
    outputs: { 'test_hints.num_lines': 2 },
  },
  'input_hint_task.wdl': { why: LACKS_OUTPUT, outputs: { 'input_hint.experience': [] } },
  'ex_paramter_meta_task.wdl': {
    why: `the output is the name of a file; ${COUNTED_FILE}; ${GREETINGS}`,
    source: [
      ["else ''} ~{infile}", "else ''} < ~{infile}"],
      ['= stdout()', '= read_string(stdout())'],
    ],
    outputs: { 'ex_paramter_meta.result': '2' },
  },
  'call_example.wdl': {
    why: `${BRACE_RANGE}; without line breaks there is one line`,
    source: [
      ['1..~{i}', '$(seq ~{i})'],
      ['printf ~{', 'echo ~{'],
    ],
  },
  'test_after.wdl': { why: 'call_example.wdl, which it imports' },
  'allow_nested.wdl': {
    why: 'call_example.wdl, which it imports; in 1.1 an input stands among the outputs',
    inputs: {
      'allow_nested.int_val': 3,
      'allow_nested.msg1': 'hello',
      'allow_nested.msg2': 'goodbye',
      'allow_nested.my_ints': [1, 2, 3],
      'allow_nested.ref_file': 'hello.txt',
      'allow_nested.repeat2.i': 2,
    },
    outputs: {
      'allow_nested.lines1': ['hello', 'hello', 'hello'],
      'allow_nested.lines2': ['goodbye', 'goodbye'],
      'allow_nested.incrs': [2, 3, 4],
    },
  },
  'test_allow_nested_inputs.wdl': {
    why: 'an input and an output of the task have the same name: "Names are unique within their scope"',
    source: [
      ['String greeting = read_string', 'String message = read_string'],
      ['nested.greeting', 'nested.message'],
    ],
  },
  'multi_nested_inputs.wdl': {
    why: 'a workflow of an import is called by its namespace; its input greeting, see test_allow_nested_inputs.wdl',
    source: [['call test_allow_nested_inputs', 'call test_allow_nested_inputs.test_allow_nested_inputs']],
  },
  'nested_scatter.wdl': {
    why: `the expected outputs take honorifics[0] for the second; ${LACKS_OUTPUT}`,
    outputs: {
      'nested_scatter.used_honorifics': ['Wizard', 'Mr.', 'Wizard'],
      'nested_scatter.out_messages': [
        ['Wizard', 'Bilbo', 'Bilbo Baggins'],
        ['Mr.', 'Gandalf', 'Gandalf the Grey'],
        ['Wizard', 'Merry', 'Merry Brandybuck'],
      ].map(([honorific, short, long]) =>
        ['Hello', 'Goodbye'].map((salutation) =>
          [short, long].map((name) => `${salutation} ${honorific} ${name}, how are you?`),
        ),
      ),
    },
  },
  'test_conditional.wdl': {
    why: LACKS_OUTPUT,
    outputs: {
      'test_conditional.j_out': 2,
      'test_conditional.result_array': [4, 6, 8, 10],
      'test_conditional.maybe_result2': [0, 4, 6, 8, 10],
    },
  },
  'test_floor.wdl': { why: 'the output is an array', outputs: { 'test_floor.all_true': [true, true] } },
  'test_ceil.wdl': { why: 'the output is an array', outputs: { 'test_ceil.all_true': [true, true] } },
  'test_round.wdl': { why: 'the output is an array', outputs: { 'test_round.all_true': [true, true] } },
  'test_max.wdl': {
    why: 'the greater of 1 and 2 is 2',
    outputs: { 'test_max.min1': 2, 'test_max.min2': 2 },
  },
  'test_sub.wdl': {
    why: 'no space follows "when": choco4 has one match',
    outputs: {
      'test_sub.chocolove': "I love chocolate when\nit's late",
      'test_sub.chocoearly': "I like chocoearly when\nit's early",
      'test_sub.chocolate': "I like chocolate when\nit's early",
      'test_sub.chocoearlylate': "I like chocearly when\nit's late",
      'test_sub.choco4': "I 4444 chocolate when\nit's late",
      'test_sub.no_newline': "I like chocolate when it's late",
    },
  },
  'test_find_task.wdl': {
    why: 'in is a reserved word; the document has a workflow find_string and no task',
    kind: 'workflow',
    target: 'find_string',
    source: [
      ['String in =', 'String text ='],
      ['find(in,', 'find(text,'],
    ],
    outputs: { 'find_string.match1': 'ello', 'find_string.match2': null },
  },
  'test_matches_task.wdl': {
    why: 'the document has a workflow contains_string and no task',
    kind: 'workflow',
    target: 'contains_string',
    inputs: { 'contains_string.fastq': 'sample1234_R1.fastq' },
    outputs: { 'contains_string.is_compressed': false, 'contains_string.is_read1': true },
  },
  'echo_stdout.wdl': {
    why: 'the document has a task and no workflow; what it prints is no file',
    kind: 'task',
    source: [['File message', 'String message']],
  },
  'echo_stderr.wdl': {
    why: 'the document has a task and no workflow; what it prints is no file',
    kind: 'task',
    source: [['File message', 'String message']],
  },
  'read_map_task.wdl': {
    why: 'the command prints nothing; it writes map_file',
    source: [['read_map(stdout())', 'read_map("map_file")']],
  },
  'write_json_task.wdl': {
    why: "Python's list is no JSON; there is no image python:latest, only python3",
    source: [
      ['python <<CODE', 'python3 <<CODE'],
      ['print(list(d.keys()))', 'print(json.dumps(list(d.keys())))'],
    ],
  },
  'test_prefix.wdl': {
    why: 'the output is called env_prefixed',
    outputs: {
      'test_prefix.env_prefixed': ['-e key1=value1', '-e key2=value2', '-e key3=value3'],
      'test_prefix.env2_prefixed': ['-f 1', '-f 2', '-f 3'],
    },
  },
  'test_suffix.wdl': {
    why: 'the suffix ends in a space',
    outputs: {
      'test_suffix.env1_suffix': ['key1=value1.txt ', 'key2=value2.txt ', 'key3=value3.txt '],
      'test_suffix.env2_suffix': ['1.0', '2.0', '3.0'],
    },
  },
  'test_range.wdl': {
    why: "the workflow's input is called i; double() squares",
    inputs: { 'test_range.i': 5 },
    outputs: { 'test_range.result': [0, 1, 4, 9, 16] },
  },
  'get_values.wdl': {
    why: '"x if c else y" is no WDL; s1 and s2 are declared nowhere; the workflow has another name; details is optional; the expected outputs are not JSON',
    source: [
      ['workflow get_ints_and_exts', 'workflow get_values'],
      ['m[s1] if contains_key(m, key1) else None', 'if contains_key(m, key1) then m[key1] else None'],
      ['m[s2] if contains_key(m, key2) else None', 'if contains_key(m, key2) then m[key2] else None'],
      ...['p1', 'p2'].map((person) => {
        const has = `contains_key(${person}, ["details", "phone"])`;
        const phone = `select_first([${person}.details])["phone"]`;
        return [
          `${person}.details["phone"] if ${has} else None`,
          `if ${has} then ${phone} else None`,
        ] as const;
      }),
    ],
    outputs: {
      'get_values.i1': 1,
      'get_values.i2': null,
      'get_values.phone1': '123-456-7890',
      'get_values.phone2': null,
    },
  },
  'serialize_array_delim_task.wdl': {
    why: 'the output is called heads',
    outputs: { 'serialize_array_delim.heads': ['hello world', 'hello world', 'hi_world'] },
  },
  'serde_pair.wdl': {
    why: 'the last two lines of cities.txt are Chicago and Piscataway',
    outputs: { 'serde_pair.tails_of_two': { Chicago: 'Piscataway' } },
  },
  'serialize_map.wdl': {
    why: `${BRACE_RANGE}, and arrays of the shell begin with 0`,
    source: [['1..~{n}', '$(seq 0 ~{n - 1})']],
  },
  'serde_map_tsv_task.wdl': {
    why: 'paste prints the map; the file lines has one column',
    source: [['read_map("lines")', 'read_map(stdout())']],
  },
};
