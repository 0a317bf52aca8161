export const VERBS = ['run', 'config', 'inspect', 'lint', 'log', 'clean', 'secrets'] as const;
export type Verb = (typeof VERBS)[number];

/** Whether an option takes a value: always, never, or where one follows. */
export type Shape = 'value' | 'flag' | 'optional';

interface Option {
  readonly shape: Shape;
  /** The commands that have it; before the command stand those of all. */
  readonly verbs: readonly Verb[];
}

const RUNS: readonly Verb[] = ['run', 'config', 'inspect'];

function named(shape: Shape, verbs: readonly Verb[], names: string): (readonly [string, Option])[] {
  return names.split(' ').map((name) => [name, { shape, verbs }] as const);
}

/** As Nextflow names them. */
const OPTIONS: readonly (readonly [string, Option])[] = [
  ...named('value', RUNS, 'profile params-file main-script syntax-parser'),
  ...named('value', VERBS, 'c config C log'),
  ...named('flag', VERBS, 'q quiet'),
  ...named('value', ['run', 'inspect'], 'name w work-dir entry output-dir images cache'),
  ...named('value', ['run'], 'output-format o ansi-log qs queue-size'),
  ...named('flag', ['run', 'inspect'], 'stub stub-run preview offline dsl2'),
  // Ours: tasks as plain processes of the user.
  ...named('flag', ['run'], 'no-sandbox'),
  ...named(
    'optional',
    ['run'],
    'resume with-report with-timeline with-trace with-dag dump-channels dump-hashes',
  ),
  ...named('optional', RUNS, 'with-docker with-singularity with-apptainer with-podman'),
  ...named('flag', RUNS, 'without-docker without-singularity without-apptainer without-podman'),
  // Nothing here makes such environments: to do without them is what happens anyway.
  ...named('flag', RUNS, 'without-conda without-spack without-wave'),
  ...named('value', ['config'], 'o output-format value'),
  ...named('flag', ['config'], 'flat properties sort a show-profiles'),
  ...named('value', ['inspect'], 'format'),
  ...named('value', ['lint'], 'o output'),
  ...named('value', ['log', 'clean'], 'after before but'),
  ...named('value', ['log'], 'f fields filter F t template s'),
  ...named('flag', ['log'], 'l list-fields'),
  ...named('flag', ['clean'], 'f force n dry-run'),
];

const LOCAL = 'Pipelines are run from a local folder: check out there what you want to run.';
const CONDA =
  'No environments are made here: tasks run with the programs of this machine, or in their images with -with-docker.';
const ELSEWHERE = 'Nothing is sent to other services from here.';
/** What has no meaning here, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  ...{ r: LOCAL, revision: LOCAL, latest: LOCAL, d: LOCAL, deep: LOCAL, hub: LOCAL, user: LOCAL },
  ...{ 'with-conda': CONDA, 'with-mamba': CONDA, 'with-spack': CONDA },
  ...{ 'with-tower': ELSEWHERE, 'with-weblog': ELSEWHERE, 'with-notification': ELSEWHERE, N: ELSEWHERE },
  'with-wave': 'Images are not built here: name images that are there.',
  concretize: 'Images are not built here: inspect tells of the images that the configuration names.',
  'with-cloudcache': 'The cache is in the work folder: -w says where.',
  'with-mpi': 'Tasks run on this machine alone.',
  'with-charliecloud': 'Use -with-podman, or -with-docker: images are run by the same means.',
  bg: "Use the shell's &, and -log for the log.",
  'disable-jobs-cancellation': 'Tasks end with their run here.',
  dsl1: 'DSL1 is not supported. Rewrite the script for DSL2: processes are called in a workflow block.',
  plugins: 'Plugins are built in or not there: name them in the configuration, which says so.',
  test: 'Call the process in a workflow, and run that.',
};

/** How the option is written, or what is wrong with it. Before the command stands what every command has. */
export function optionShape(name: string, verb: Verb | undefined): Shape | string {
  const found = OPTIONS.filter(([one]) => one === name).map(([, option]) => option);
  const fitting = found.find(({ verbs }) => (verb === undefined ? verbs === VERBS : verbs.includes(verb)));
  if (fitting) return fitting.shape;
  const refused = REFUSED[name];
  if (refused !== undefined) return `The option -${name} is not supported. ${refused}`;
  if (found.length === 0)
    return `Unknown option: -${name} -- Check the available commands and options and syntax with 'help'`;
  const verbs = [...new Set(found.flatMap((option) => option.verbs))];
  return verb === undefined
    ? `The option -${name} comes after the command: ${verbs.join(', ')}.`
    : `The command "${verb}" has no option -${name}; it belongs to ${verbs.join(', ')}.`;
}

/** Nextflow's commands that are not here. */
const COMMANDS: Readonly<Record<string, string>> = {
  ...{ pull: LOCAL, clone: LOCAL, list: LOCAL, view: LOCAL, drop: LOCAL, hub: LOCAL },
  ...{ launch: ELSEWHERE, login: ELSEWHERE, auth: ELSEWHERE, kuberun: 'Tasks run on this machine alone.' },
  plugin: 'Plugins are built in or not there: name them in the configuration, which says so.',
};

/** What is wrong with a word where a command belongs. */
export function noCommand(word: string): string {
  const why = COMMANDS[word];
  return why === undefined
    ? `Unknown command "${word}". The commands are: ${VERBS.join(', ')}.`
    : `The command "${word}" is not supported. ${why}`;
}

export function isShape(answer: Shape | string): answer is Shape {
  return ['value', 'flag', 'optional'].includes(answer);
}
