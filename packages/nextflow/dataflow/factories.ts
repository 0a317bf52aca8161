import { items, isCollection } from '../evaluate/items.ts';
import { type GlobOptions, glob, hasGlob, unescapeGlob } from '../files/glob.ts';
import { isUri } from '../files/files.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import { Closure } from '../values/closure.ts';
import { Duration } from '../values/duration.ts';
import { fault, illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { FilePath } from '../values/path.ts';
import { Range } from '../values/range.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import { GroovyObject, type Value } from '../values/value.ts';
import { Channel } from './channel.ts';
import type { Network } from './network.ts';

export interface FactoryOptions {
  readonly network: Network;
  path(location: string): FilePath;
  topic(name: string): Channel;
  /** The items of a factory that a plugin brings; undefined where none does. */
  plugin(name: string, args: readonly Value[]): Iterable<Value> | undefined;
}

const FROM_PATH = ['checkIfExists', 'followLinks', 'glob', 'hidden', 'maxDepth', 'relative', 'type'];
const FACTORIES = [
  'of',
  'from',
  'fromList',
  'value',
  'empty',
  'fromPath',
  'fromFilePairs',
  'watchPath',
  'interval',
  'topic',
];

/** `channel` and `Channel`: what makes channels. */
export class ChannelFactories extends GroovyObject {
  readonly className = 'Namespace';
  readonly #options: FactoryOptions;

  constructor(options: FactoryOptions) {
    super();
    this.#options = options;
  }

  override property(name: string): Value | undefined {
    if (name === 'empty') return this.invoke('empty', []);
    return name === 'VOID' || name === 'STOP' ? undefined : undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    const made = this.#make(name, args);
    // Topics say themselves what they are.
    if (made instanceof Channel && name !== 'topic') made.network.graph.origin(made, `channel.${name}`);
    return made;
  }

  #make(name: string, args: readonly Value[]): Value | undefined {
    const { network } = this.#options;
    switch (name) {
      case 'of':
        return this.#source(args.length === 0 ? [null] : withRangesSpread(args));
      case 'from':
        return this.#source(
          args.length === 1 && (isCollection(args[0]) || args[0] instanceof GroovyMap)
            ? [...items(args[0])]
            : [...args],
        );
      case 'fromList':
        return this.#source(items(args[0] ?? []));
      case 'value': {
        const channel = new Channel(network, true);
        if (args.length > 0) channel.bind(args[0] ?? null);
        return channel;
      }
      case 'empty':
        return this.#source([]);
      case 'fromPath':
        return this.#fromPath(args);
      case 'fromFilePairs':
        return this.#fromFilePairs(args);
      case 'topic':
        return this.#options.topic(text(args[0]));
      case 'interval':
        return this.#interval(args);
      case 'watchPath':
        throw fault(
          'channel.watchPath is not supported: a run here ends. Use channel.fromPath.',
          'UnsupportedOperationException',
        );
      case 'fromSRA':
      case 'fromQuery':
      case 'fromLineage':
      case 'sql':
        throw fault(
          `channel.${name} is not supported: it needs the internet. Give files with channel.fromPath.`,
          'UnsupportedOperationException',
        );
      case 'create':
        throw fault('channel.create belongs to DSL1. Channels are made by factories and operators now.');
      default: {
        const items = this.#options.plugin(name, args);
        if (items) return this.#source(items);
        throw illegalArgument(`Unknown channel factory "${name}".${suggestion(name, FACTORIES)}`);
      }
    }
  }

  override members(): Iterable<string> {
    return FACTORIES;
  }

  #source(all: Iterable<Value>): Channel {
    const channel = new Channel(this.#options.network);
    this.#options.network.source(channel, () => all);
    return channel;
  }

  #fromPath(args: readonly Value[]): Channel {
    const options = optionsOf('fromPath', args, FROM_PATH);
    const patterns = args.at(-1);
    if (patterns === undefined || patterns instanceof GroovyMap || patterns === null)
      throw illegalArgument('channel.fromPath needs a path or a pattern.');
    const all = isCollection(patterns) ? items(patterns) : [patterns];
    const channel = new Channel(this.#options.network);
    this.#options.network.source(channel, () =>
      all.flatMap((pattern) => findPaths(pattern, options, this.#options)),
    );
    return channel;
  }

  #fromFilePairs(args: readonly Value[]): Channel {
    const options = optionsOf('fromFilePairs', args, [...FROM_PATH, 'size', 'flat']);
    const rest = args.filter((arg, index) => !(index === 0 && arg instanceof GroovyMap));
    const closure = rest.find((arg) => arg instanceof Closure);
    const given = rest.find((arg) => !(arg instanceof Closure)) ?? null;
    if (given === null)
      throw illegalArgument('channel.fromFilePairs needs a pattern such as "*_{1,2}.fastq".');
    const channel = new Channel(this.#options.network);
    this.#options.network.source(channel, () =>
      filePairs(isCollection(given) ? items(given) : [given], options, closure, this.#options),
    );
    return channel;
  }

  #interval([length, closure]: readonly Value[]): Channel {
    const { millis } = Duration.parse(length);
    const channel = new Channel(this.#options.network);
    const { network } = this.#options;
    network.source(channel, async function* () {
      for (let count = 0; ; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, millis));
        if (network.stopped) return;
        const item = closure instanceof Closure ? closure.apply([count]) : count;
        yield item;
      }
    });
    return channel;
  }

  toString(): string {
    return 'channel';
  }
}

function optionsOf(name: string, args: readonly Value[], known: readonly string[]): GroovyMap {
  const options = args[0] instanceof GroovyMap ? args[0] : new GroovyMap();
  const unknown = Array.from(options.keys(), String).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw illegalArgument(`Unknown option "${unknown}" of channel.${name}.${suggestion(unknown, known)}`);
  return options;
}

interface Finding {
  path(location: string): FilePath;
}

/** The files that a path or a pattern names. */
export function findPaths(
  pattern: Value,
  options: GroovyMap,
  { path }: Finding,
  directoriesToo = false,
): FilePath[] {
  const file = pattern instanceof FilePath ? pattern : undefined;
  const written = file ? file.location : text(pattern);
  const useGlob = truth(options.get('glob') ?? true) && hasGlob(written);
  if (useGlob && isUri(written) && !written.startsWith('file:')) {
    // The guide: "Use of glob patterns in Amazon S3 or HealthOmics URIs is not supported."
    throw fault(
      `The pattern ${written} cannot be used: in S3 and HealthOmics URIs patterns are not supported. Name the files.`,
      'IllegalArgumentException',
    );
  }
  if (!useGlob) {
    const found = path(truth(options.get('glob') ?? true) ? unescapeGlob(written) : written);
    if (truth(options.get('checkIfExists') ?? false) && !found.facts())
      throw fault(`No such file or directory: ${found.absolute}`, 'NoSuchFileException');
    return [found];
  }
  const globbing: GlobOptions = {
    type: text(options.get('type') ?? (directoriesToo ? 'any' : 'file')) as GlobOptions['type'],
    hidden: truth(options.get('hidden') ?? false),
    maxDepth: Number(options.get('maxDepth') ?? Infinity),
    followLinks: truth(options.get('followLinks') ?? true),
    relative: truth(options.get('relative') ?? false),
  };
  const base = path(written);
  const found = glob(base.files, base.location, globbing);
  if (found.length === 0 && truth(options.get('checkIfExists') ?? false))
    throw fault(`No files match pattern \`${written}\``, 'NoSuchFileException');
  return found.map((each) => (globbing.relative ? new FilePath(base.files, each) : base.at(each)));
}

function filePairs(
  patterns: readonly Value[],
  options: GroovyMap,
  closure: Value,
  finding: Finding,
): Value[] {
  const groups = new GroovyMap();
  for (const pattern of patterns) {
    for (const file of findPaths(pattern, options, finding)) {
      const key = closure instanceof Closure ? closure.apply([file]) : pairKey(text(pattern), file);
      groups.set(key, [...((groups.get(key) as FilePath[] | undefined) ?? []), file]);
    }
  }
  const size = options.get('size') ?? 2;
  const flat = truth(options.get('flat') ?? false);
  const all = [...groups].filter(([, files]) => size === -1 || (files as FilePath[]).length === Number(size));
  if (all.length === 0 && truth(options.get('checkIfExists') ?? false))
    throw fault(`No files match pattern \`${text(patterns[0])}\``, 'NoSuchFileException');
  return all.map(([key, files]) => {
    const sorted = (files as FilePath[]).sort((a, b) => (a.location < b.location ? -1 : 1));
    return flat ? [key, ...sorted] : [key, sorted];
  });
}

/** One after the other: a range of millions is never a list. */
function* withRangesSpread(args: readonly Value[]): Iterable<Value> {
  for (const arg of args)
    if (arg instanceof Range) yield* arg;
    else yield arg;
}

/** Without groups: what they match is no part of the key. */
function restPattern(rest: string): string {
  const plain = rest
    .replace(/[.+^$()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return plain.replace(/\{([^}]*)\}/g, (_, inside: string) => `(?:${inside.replaceAll(',', '|')})`);
}

/** What the first wildcard of the name matches, with what stands before it; without the braces' part and a separator. */
function pairKey(pattern: string, file: FilePath): string {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const name = text(file.property('name'));
  const brace = last.indexOf('{');
  const end = [brace, last.indexOf('[')].filter((at) => at >= 0).sort((a, b) => a - b)[0];
  const head = end === undefined ? last.slice(0, last.lastIndexOf('*') + 1) : last.slice(0, end);
  const source = head
    .replace(/[.+^$()|\\]/g, '\\$&')
    .replace(/\*/g, '(.*)')
    .replace(/\?/g, '(.)');
  const rest = end === undefined ? '' : restPattern(last.slice(end));
  const found = new RegExp(`^${source}${rest}`).exec(name) ?? new RegExp(`^${source}`).exec(name);
  if (!found) return name;
  const groups = found.slice(1).filter((group) => group !== undefined);
  const prefix =
    groups.length === 0
      ? head
      : head.slice(0, head.indexOf(head.includes('*') ? '*' : '?')) + groups.join('');
  return prefix.replace(/[-_.]+$/, '');
}
