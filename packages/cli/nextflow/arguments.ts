import { coerceParameter } from '@helicase/nextflow';
import { isShape, noCommand, optionShape, type Verb, VERBS } from './options.ts';

/** A command line of Nextflow's, taken apart. */
export interface NextflowCommand {
  readonly verb: Verb;
  /** As the user wrote it. */
  readonly line: string;
  readonly positionals: readonly string[];
  readonly params: readonly (readonly [string, unknown])[];
  /** `-process.name value`: settings over those of the files. */
  readonly settings: readonly (readonly [string, unknown])[];
  readonly config: readonly string[];
  readonly onlyConfig: readonly string[];
  readonly profiles: readonly string[];
  readonly quiet: boolean;
  readonly stub: boolean;
  readonly preview: boolean;
  readonly resume: boolean;
  /** Without a sandbox: tasks are plain processes of the user. */
  readonly sandbox: boolean;
  /** `-ansi-log false`: lines, on a terminal too. */
  readonly ansiLog: boolean;
  readonly mainScript?: string;
  /** `config`: one setting alone, in order, and how all are written. */
  readonly value?: string;
  readonly sort: boolean;
  readonly flat: boolean;
  readonly properties: boolean;
  /** `config -a`: all profiles as they stand, none applied. */
  readonly showProfiles: boolean;
  readonly log?: string;
  readonly name?: string;
  readonly workDir?: string;
  readonly entry?: string;
  readonly outputDir?: string;
  readonly paramsFile?: string;
  readonly format?: string;
  /** Ours: a folder of images, before podman's and the registries. */
  readonly images?: string;
  /** `run`: text, json or none; `config`: how the settings are written. */
  readonly outputFormat?: string;
  /** Each task that runs again says why. */
  readonly dumpHashes: boolean;
  /** `clean -f`, `clean -n`. */
  readonly force: boolean;
  readonly dryRun: boolean;
  /** `log`: which runs, which tasks of them, and what of each. */
  readonly after?: string;
  readonly before?: string;
  readonly but?: string;
  readonly filter?: string;
  readonly fields?: string;
  readonly separator?: string;
  readonly template?: string;
  readonly listFields: boolean;
  readonly dumpChannels?: 'all' | readonly string[];
  readonly reports: Readonly<Partial<Record<'report' | 'timeline' | 'trace' | 'dag', string | true>>>;
}

/** The command, or what is wrong with it. */
export function parseNextflow(argv: readonly string[]): NextflowCommand | string {
  const options = new Map<string, (string | true)[]>();
  const params: [string, unknown][] = [];
  const settings: [string, unknown][] = [];
  const positionals: string[] = [];
  let verb: Verb | undefined;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at]!;
    const next = argv[at + 1];
    if (word.startsWith('--') && word.length > 2 && verb !== undefined) {
      at += parameter(word.slice(2), next, params);
    } else if (word.startsWith('-') && word.length > 1 && word !== '-') {
      const [name = '', inline] = word.replace(/^-+/, '').split(/=(.*)/s);
      const scope = /^(?:(process|executor)\.|e\.)/.exec(name);
      if (scope) {
        const value =
          inline ??
          (next !== undefined && !next.startsWith('-') && !/\.nf$/.test(next) ? argv[(at += 1)]! : 'true');
        settings.push(
          scope[1] === undefined ? [`env.${name.slice(2)}`, value] : [name, coerceParameter(value)],
        );
        continue;
      }
      const shape = optionShape(name, verb);
      if (!isShape(shape)) return shape;
      if (shape === 'value') {
        if (inline === undefined && next === undefined) return `The option -${name} needs a value.`;
        options.set(name, [...(options.get(name) ?? []), inline ?? next!]);
        if (inline === undefined) at += 1;
      } else if (shape === 'flag') {
        options.set(name, [true]);
        settings.push(...containerSettings(name, true));
      } else {
        const value = inline ?? (takesOptional(name, next) ? argv[(at += 1)]! : true);
        options.set(name, [value]);
        settings.push(...containerSettings(name, value));
      }
    } else if (verb === undefined) {
      if (!isVerb(word)) return noCommand(word);
      verb = word;
    } else positionals.push(word);
  }
  if (verb === undefined) return `Name a command: ${VERBS.join(', ')}.`;
  return command(verb, argv, options, params, positionals, settings);
}

function isVerb(word: string): word is Verb {
  return (VERBS as readonly string[]).includes(word);
}

const CONTAINERS = /^with(out)?-(docker|podman|singularity|apptainer)$/;

/** `-with-docker [IMAGE]` turns containers on, for all tasks in that image where one is named. */
function containerSettings(name: string, value: string | true): [string, unknown][] {
  const [, without, engine] = CONTAINERS.exec(name) ?? [];
  if (engine === undefined) return [];
  const image: [string, unknown][] = value === true ? [] : [['process.container', value]];
  return [[`${engine}.enabled`, without === undefined], ...image];
}

/** Names and hashes follow `-resume`; files the reports: never the script itself. */
function takesOptional(name: string, next: string | undefined): boolean {
  if (next === undefined || next.startsWith('-') || /\.nf$/.test(next) || next.includes('/main.nf'))
    return false;
  if (name === 'resume') return /^([0-9a-f]{8}-|[a-z]+_[a-z]+$|last$)/.test(next);
  if (CONTAINERS.test(name)) return /[:@]/.test(next) || /^[\w.-]+\.[\w.-]+\//.test(next);
  return name.startsWith('with-')
    ? /\.(html|txt|tsv|csv|dot|mmd|gexf|png|svg|pdf)$/.test(next)
    : name === 'dump-channels';
}

/** How many further words the parameter took. */
function parameter(word: string, next: string | undefined, params: [string, unknown][]): number {
  const [name = '', inline] = word.split(/=(.*)/s);
  if (inline !== undefined) {
    params.push([name, coerceParameter(inline)]);
    return 0;
  }
  const hasValue =
    next !== undefined &&
    (!next.startsWith('-') || next.length === 1 || next.includes(' ') || /^-\d/.test(next));
  params.push([name, hasValue ? coerceParameter(next) : true]);
  return hasValue ? 1 : 0;
}

function command(
  verb: Verb,
  argv: readonly string[],
  options: Map<string, (string | true)[]>,
  params: readonly [string, unknown][],
  positionals: readonly string[],
  settings: readonly (readonly [string, unknown])[],
): NextflowCommand {
  const text = (...names: string[]) =>
    names.flatMap((name) => options.get(name) ?? []).filter((one): one is string => typeof one === 'string');
  const has = (...names: string[]) => names.some((name) => options.has(name));
  const optional = <K extends string>(key: K, ...names: string[]) => {
    const value = text(...names).at(-1);
    return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
  };
  const dump = options.get('dump-channels')?.at(-1);
  return {
    ...{ verb, line: `nextflow ${argv.join(' ')}`, positionals, params },
    settings: [
      ...settings,
      ...text('qs', 'queue-size').map((size) => ['executor.queueSize', coerceParameter(size)] as const),
      ...text('cache').map((cache) => ['process.cache', coerceParameter(cache)] as const),
    ],
    ...{
      config: text('c', 'config').flatMap((one) => one.split(',')),
      onlyConfig: text('C').flatMap((one) => one.split(',')),
      profiles: text('profile').flatMap((one) => one.split(',')),
    },
    ...{
      quiet: has('q', 'quiet'),
      stub: has('stub', 'stub-run'),
      preview: has('preview'),
      sandbox: !has('no-sandbox'),
      ansiLog: text('ansi-log').at(-1) !== 'false',
      sort: has('sort'),
      flat: has('flat'),
      properties: has('properties'),
      resume: has('resume'),
      showProfiles: has('a', 'show-profiles'),
      dumpHashes: has('dump-hashes'),
      force: has('f', 'force'),
      dryRun: has('n', 'dry-run'),
      listFields: has('l', 'list-fields'),
    },
    ...optional('log', 'log'),
    ...optional('name', 'name'),
    ...optional('workDir', 'w', 'work-dir'),
    ...optional('entry', 'entry'),
    ...(verb === 'run' ? optional('outputDir', 'o', 'output-dir') : {}),
    ...optional('paramsFile', 'params-file'),
    ...optional('format', 'format'),
    ...optional('mainScript', 'main-script'),
    ...optional('value', 'value'),
    ...optional('images', 'images'),
    ...optional('outputFormat', 'output-format', 'output', ...(verb === 'run' ? [] : ['o'])),
    ...optional('after', 'after'),
    ...optional('before', 'before'),
    ...optional('but', 'but'),
    ...optional('filter', 'F', 'filter'),
    ...optional('fields', 'f', 'fields'),
    ...optional('separator', 's'),
    ...optional('template', 't', 'template'),
    ...(dump === undefined ? {} : { dumpChannels: dump === true ? ('all' as const) : dump.split(',') }),
    reports: Object.fromEntries(
      ['report', 'timeline', 'trace', 'dag'].flatMap((name) =>
        options.has(`with-${name}`) ? [[name, options.get(`with-${name}`)!.at(-1)!]] : [],
      ),
    ),
  };
}
