import { randomUUID } from 'node:crypto';
import { compare, equal } from '../../values/compare.ts';
import { Double } from '../../values/double.ts';
import { Duration } from '../../values/duration.ts';
import { fault } from '../../values/errors.ts';
import { GroovyMap, GroovySet } from '../../values/map.ts';
import { MemoryUnit } from '../../values/memory.ts';
import { toDecimal, toDouble, toInteger } from '../../values/number.ts';
import { FilePath } from '../../values/path.ts';
import { ScriptExit } from '../../values/script-exit.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import { VersionNumber } from '../../values/version.ts';
import { format } from '../format.ts';
import { items } from '../items.ts';
import { bagOf } from '../../values/bag.ts';
import { builders, javaRandom, ToolObject } from './builders.ts';
import type { HostClass } from './class-reference.ts';
import type { World } from '../methods/method.ts';
import { dates } from './dates.ts';
import { parseText } from '../coerce.ts';
import { MapEntry } from '../../values/map-entry.ts';

const double =
  (calculate: (...values: number[]) => number) =>
  (args: readonly Value[]): Value =>
    new Double(calculate(...args.map(toDouble)));

const pick =
  (sign: number) =>
  ([a, b]: readonly Value[]): Value =>
    sign * compare(a, b) >= 0 ? a : b;

/** `System.out` and `System.err`: a script has one place to print to. */
function printStream(world: World): ToolObject {
  return new ToolObject('PrintStream', {
    println: ([value = '']) => (world.print(text(value)), null),
    printf: ([template, ...values]) => (world.print(format(text(template), values).replace(/\n$/, '')), null),
    flush: () => null,
  });
}

const math: HostClass = {
  statics: {
    abs: ([value], world) => world.call(value, 'abs', []),
    max: pick(1),
    min: pick(-1),
    round: ([value], world) =>
      value instanceof Double || typeof value !== 'number'
        ? Math.floor(toDouble(value) + 0.5)
        : world.call(value, 'round', []),
    pow: double((a, b) => a! ** b!),
    sqrt: double((a) => Math.sqrt(a!)),
    cbrt: double((a) => Math.cbrt(a!)),
    log: double((a) => Math.log(a!)),
    log10: double((a) => Math.log10(a!)),
    exp: double((a) => Math.exp(a!)),
    ceil: double((a) => Math.ceil(a!)),
    floor: double((a) => Math.floor(a!)),
    sin: double((a) => Math.sin(a!)),
    cos: double((a) => Math.cos(a!)),
    floorDiv: ([a, b]) => Math.floor(toDouble(a) / toDouble(b)),
    floorMod: ([a, b]) => ((toDouble(a) % toDouble(b)) + toDouble(b)) % toDouble(b),
    toIntExact: ([value]) => toInteger(value),
    random: (_args, world) => new Double(world.random()),
  },
  fields: { PI: new Double(Math.PI), E: new Double(Math.E) },
};

const integerClass = (name: string, max: Value, min: Value): HostClass => ({
  create: ([value]) => parseText(text(value), name),
  statics: {
    parseInt: ([value, radix]) =>
      radix === undefined ? parseText(text(value), name) : parseInt(text(value), Number(radix)),
    parseLong: ([value]) => parseText(text(value), name),
    valueOf: ([value]: readonly Value[]) =>
      typeof value === 'string' ? parseText(value, name) : toInteger(value),
    toBinaryString: ([value]) => BigInt(toInteger(value)).toString(2),
    toHexString: ([value]) => BigInt(toInteger(value)).toString(16),
    compare: ([a, b]) => Math.sign(compare(a, b)),
    max: pick(1),
    min: pick(-1),
  },
  fields: { MAX_VALUE: max, MIN_VALUE: min },
});

const doubleClass: HostClass = {
  create: ([value]) => new Double(Number(text(value))),
  statics: {
    parseDouble: ([value]) => new Double(toDouble(parseText(text(value), 'Double'))),
    parseFloat: ([value]) => new Double(toDouble(parseText(text(value), 'Float'))),
    valueOf: ([value]: readonly Value[]) =>
      new Double(typeof value === 'string' ? toDouble(parseText(value, 'Double')) : toDouble(value)),
    isNaN: ([value]) => Number.isNaN(toDouble(value)),
    compare: ([a, b]) => Math.sign(compare(a, b)),
  },
  fields: {
    MAX_VALUE: new Double(Number.MAX_VALUE),
    NaN: new Double(NaN),
    POSITIVE_INFINITY: new Double(Infinity),
    NEGATIVE_INFINITY: new Double(-Infinity),
  },
};

const listClass: HostClass = {
  create: ([first]) => (typeof first === 'number' || first === undefined ? [] : [...items(first)]),
  statics: { of: (args) => [...args], copyOf: ([list]) => [...items(list)] },
};
const mapClass: HostClass = {
  create: ([first]) => (first instanceof GroovyMap ? first.copy() : new GroovyMap()),
  statics: {
    of: (args) =>
      GroovyMap.from(
        Array.from(
          { length: args.length / 2 },
          (_, index) => [args[index * 2], args[index * 2 + 1]] as const,
        ),
      ),
    entry: ([key, value]) => new MapEntry(undefined, key, value),
  },
};
const setClass: HostClass = {
  create: ([first]) => new GroovySet(first === undefined || typeof first === 'number' ? [] : items(first)),
  statics: { of: (args) => new GroovySet(args), copyOf: ([list]) => new GroovySet(items(list)) },
};

const pathOf = (value: Value, world: { path(location: string): FilePath }): FilePath =>
  value instanceof FilePath ? value : world.path(text(value));
const pathMethod =
  (name: string): NonNullable<HostClass['statics']>[string] =>
  ([path, ...rest], world) =>
    world.call(pathOf(path, world), name, rest);

const paths: HostClass = {
  statics: {
    get: ([first, ...rest], world) =>
      rest.reduce<FilePath>((path, part) => path.below(text(part)), pathOf(first, world)),
    of: ([first, ...rest], world) =>
      rest.reduce<FilePath>((path, part) => path.below(text(part)), pathOf(first, world)),
  },
};

const files: HostClass = {
  statics: {
    exists: pathMethod('exists'),
    isDirectory: pathMethod('isDirectory'),
    isRegularFile: pathMethod('isFile'),
    isSymbolicLink: pathMethod('isLink'),
    size: pathMethod('size'),
    readString: pathMethod('getText'),
    readAllLines: pathMethod('readLines'),
    lines: pathMethod('readLines'),
    readAllBytes: pathMethod('getBytes'),
    newBufferedReader: pathMethod('newReader'),
    createDirectories: pathMethod('mkdirs'),
    createDirectory: pathMethod('mkdir'),
    delete: pathMethod('delete'),
    deleteIfExists: pathMethod('delete'),
    copy: pathMethod('copyTo'),
    move: pathMethod('moveTo'),
    list: pathMethod('listFiles'),
    notExists: ([path], world) => world.call(pathOf(path, world), 'exists', []) === false,
    write: ([path, data], world) =>
      world.call(pathOf(path, world), 'write', [
        Array.isArray(data) ? data.map((line) => `${text(line)}\n`).join('') : data,
      ]),
    writeString: pathMethod('write'),
  },
};

const filesEx: HostClass = {
  statics: {
    copyTo: pathMethod('copyTo'),
    moveTo: pathMethod('moveTo'),
    toUriString: pathMethod('toUriString'),
    mklink: pathMethod('mklink'),
    getBaseName: pathMethod('getBaseName'),
    getSimpleName: pathMethod('getSimpleName'),
  },
};

/** Classes by the name without package. What a script names and is not here is refused by name. */
export const library: Readonly<Record<string, HostClass>> = {
  ...dates,
  ...builders,
  Math: math,
  StrictMath: math,
  Object: { create: () => new ToolObject('Object', {}) },
  String: {
    create: ([value]) => (value instanceof Uint8Array ? Buffer.from(value).toString() : text(value ?? '')),
    statics: {
      format: ([pattern, ...args]) => format(text(pattern), args),
      valueOf: ([value]: readonly Value[]) => text(value),
      join: ([by, ...parts]) =>
        (parts.length === 1 ? [...items(parts[0])] : parts).map((part) => text(part)).join(text(by)),
    },
    fields: { CASE_INSENSITIVE_ORDER: null },
  },
  CharSequence: {},
  GString: {},
  Comparable: {},
  Integer: integerClass('Integer', 2 ** 31 - 1, -(2 ** 31)),
  Long: integerClass('Long', 2n ** 63n - 1n, -(2n ** 63n)),
  Short: integerClass('Short', 32_767, -32_768),
  Byte: integerClass('Byte', 127, -128),
  BigInteger: {
    create: ([value]) => parseText(text(value), 'BigInteger'),
    statics: { valueOf: ([value]: readonly Value[]) => toInteger(value) },
    fields: { ZERO: 0, ONE: 1 },
  },
  BigDecimal: {
    create: ([value], world) => world.coerce(value, 'BigDecimal'),
    statics: { valueOf: ([value]: readonly Value[]): Value => toDecimal(value) },
  },
  Double: doubleClass,
  Float: doubleClass,
  Number: {},
  Boolean: {
    statics: {
      parseBoolean: ([value]) => text(value).toLowerCase() === 'true',
      valueOf: ([value]: readonly Value[]) => text(value).toLowerCase() === 'true',
    },
    fields: { TRUE: true, FALSE: false },
  },
  Character: {
    statics: {
      isDigit: ([char]) => /^\d/.test(text(char)),
      isLetter: ([char]) => /^\p{L}/u.test(text(char)),
      isUpperCase: ([char]) => /^\p{Lu}/u.test(text(char)),
      isWhitespace: ([char]) => /^\s/.test(text(char)),
      toUpperCase: ([char]) => text(char).toUpperCase(),
      getNumericValue: ([char]) => Number(text(char)),
    },
  },
  List: listClass,
  ArrayList: listClass,
  LinkedList: listClass,
  Collection: listClass,
  Iterable: {},
  Stack: listClass,
  ArrayDeque: listClass,
  Tuple: { create: (args) => [...args] },
  ArrayBag: { create: ([first]) => bagOf(first === undefined ? [] : items(first)) },
  Bag: {},
  Map: mapClass,
  HashMap: mapClass,
  LinkedHashMap: mapClass,
  TreeMap: mapClass,
  ConcurrentHashMap: mapClass,
  Set: setClass,
  HashSet: setClass,
  LinkedHashSet: setClass,
  TreeSet: setClass,
  Closure: { fields: { OWNER_FIRST: 0, DELEGATE_FIRST: 1, OWNER_ONLY: 2, DELEGATE_ONLY: 3 } },
  Collections: {
    statics: {
      emptyList: () => [],
      emptyMap: () => new GroovyMap(),
      emptySet: () => new GroovySet(),
      singletonList: ([item]) => [item],
      unmodifiableList: ([list]) => list,
      unmodifiableMap: ([map]) => map,
      nCopies: ([count, item]) => Array.from({ length: Number(count) }, () => item),
      max: ([list], world) => world.call(list, 'max', []),
      min: ([list], world) => world.call(list, 'min', []),
      sort: ([list], world) => world.call(list, 'sort', []),
      reverse: ([list]) => (list as Value[]).reverse(),
      shuffle: ([list], world) => world.call(list, 'shuffle', []),
    },
  },
  Arrays: {
    statics: {
      asList: (args) => (args.length === 1 ? [...items(args[0])] : [...args]),
      toString: ([list]: readonly Value[]): Value => text(list),
      sort: ([list], world) => world.call(list, 'sort', []),
    },
  },
  Objects: {
    statics: {
      equals: ([a, b]) => equal(a, b),
      requireNonNull: ([value]) => value,
      isNull: ([value]) => value === null,
      nonNull: ([value]) => value !== null,
      hash: (args) => args.length,
    },
  },
  System: {
    statics: {
      currentTimeMillis: (_args, world) => world.now(),
      nanoTime: () => Math.round(performance.now() * 1e6),
      getenv: ([name], world) =>
        name === undefined
          ? GroovyMap.from(world.environment())
          : (world.environment().get(text(name)) ?? null),
      getProperty: ([name, fallback], world) => systemProperties(world).get(text(name)) ?? fallback ?? null,
      getProperties: (_args, world) => systemProperties(world),
      getOut: (_args, world) => printStream(world),
      getErr: (_args, world) => printStream(world),
      lineSeparator: () => '\n',
      exit: ([code]) => {
        throw new ScriptExit(toInteger(code) as number, '');
      },
    },
    fields: {
      env: new GroovyMap(),
    },
  },
  Thread: {
    statics: {
      sleep: ([millis]) => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(Number(millis), 600_000));
        return null;
      },
      currentThread: () => new ToolObject('Thread', { getName: () => 'main', getId: () => 1 }),
    },
  },
  Runtime: {
    statics: {
      getRuntime: () =>
        new ToolObject('Runtime', {
          availableProcessors: () => navigator.hardwareConcurrency,
          maxMemory: () => 4 * 2 ** 30,
          totalMemory: () => 4 * 2 ** 30,
          freeMemory: () => 2 ** 30,
        }),
    },
  },
  UUID: { statics: { randomUUID: () => randomUUID(), fromString: ([value]) => text(value) } },
  Random: {
    create: ([seed], world) => {
      const random = javaRandom(
        BigInt(seed === undefined ? Math.floor(world.random() * 2 ** 48) : toInteger(seed)),
      );
      return new ToolObject('Random', {
        nextInt: ([bound]) => (bound === undefined ? random.next(32) : random.nextInt(Number(bound))),
        nextDouble: () => new Double(random.nextDouble()),
        nextFloat: () => new Double(random.next(24) / 2 ** 24),
        nextBoolean: () => random.next(1) !== 0,
        nextLong: () => random.next(32) * 2 ** 32 + random.next(32),
      });
    },
  },
  Paths: paths,
  Path: paths,
  Files: files,
  FilesEx: filesEx,
  FileHelper: { statics: { asPath: ([value], world) => pathOf(value, world) } },
  File: {
    create: ([first, second], world) =>
      second === undefined ? pathOf(first, world) : pathOf(first, world).below(text(second)),
    statics: {
      createTempFile: () => {
        throw fault('Temporary files are made in tasks, not in scripts.', 'IOException');
      },
    },
    fields: { separator: '/', pathSeparator: ':' },
  },
  FileWriter: { create: ([path], world) => world.call(pathOf(path, world), 'newOutputStream', []) },
  FileReader: { create: ([path], world) => pathOf(path, world) },
  FileInputStream: { create: ([path], world) => pathOf(path, world) },
  BufferedReader: {
    create: ([path], world) => (path instanceof FilePath ? world.call(path, 'newReader', []) : path),
  },
  InputStreamReader: { create: ([path]) => path },
  GZIPInputStream: { create: ([path]) => path },
  URL: { create: ([value], world) => world.path(text(value)) },
  URI: {
    create: ([value], world) => world.path(text(value)),
    statics: { create: ([value], world) => world.path(text(value)) },
  },
  URLEncoder: { statics: { encode: ([value]) => encodeURIComponent(text(value)).replaceAll('%20', '+') } },
  StandardCharsets: { fields: { UTF_8: 'UTF-8', US_ASCII: 'US-ASCII' } },
  Duration: {
    create: ([value]) => Duration.parse(value),
    statics: {
      of: ([value]) => Duration.parse(value),
      between: ([a, b]) =>
        new Duration(Number((b as { millis: number }).millis) - Number((a as { millis: number }).millis)),
      ofMillis: ([value]) => new Duration(Number(value)),
    },
  },
  MemoryUnit: {
    create: ([value]) => MemoryUnit.parse(value),
    statics: { of: ([value]) => MemoryUnit.parse(value) },
  },
  VersionNumber: { create: ([value]) => new VersionNumber(text(value)) },
  InetAddress: {
    statics: {
      getLocalHost: () =>
        new ToolObject('InetAddress', {
          getHostName: () => 'localhost',
          getCanonicalHostName: () => 'localhost',
        }),
    },
  },
  Optional: {
    statics: {
      ofNullable: ([value]) =>
        new ToolObject('Optional', {
          isPresent: () => value !== null,
          get: () => value,
          orElse: ([other]) => value ?? other,
          isEmpty: () => value === null,
        }),
    },
  },
  Comparator: { statics: { comparing: ([key]) => key, naturalOrder: () => null } },
  Collectors: { statics: { toList: () => null, joining: ([by]) => by ?? '' } },
  TimeUnit: { fields: { SECONDS: 'SECONDS', MILLISECONDS: 'MILLISECONDS' } },
  ProcessBuilder: {
    create: (args, world) =>
      new ToolObject('ProcessBuilder', {
        start: () => world.execute(args.flatMap((arg) => [...items(arg)]).map((word) => text(word))),
      }),
  },
  ScriptEngineManager: {
    create: () => {
      throw fault('Script engines are not supported.', 'UnsupportedOperationException');
    },
  },
  MarkupTemplateEngine: {
    create: () => {
      throw fault(
        'Template engines other than GStringTemplateEngine and SimpleTemplateEngine are not supported.',
        'UnsupportedOperationException',
      );
    },
  },
};

/** What System.getProperty answers. */
function systemProperties(world: World): GroovyMap {
  const environment = world.environment();
  return GroovyMap.of({
    'user.dir': world.path('.').absolute,
    'user.name': environment.get('USER') ?? 'root',
    'user.home': environment.get('HOME') ?? '/',
    'os.name': 'Linux',
    'os.arch': process.arch === 'x64' ? 'amd64' : process.arch,
    'line.separator': '\n',
    'file.separator': '/',
    'java.io.tmpdir': '/tmp',
  });
}
