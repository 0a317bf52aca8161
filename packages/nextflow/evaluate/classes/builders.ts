import { createRequire } from 'node:module';
import { Closure } from '../../values/closure.ts';
import { fault } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { FilePath } from '../../values/path.ts';
import { Pattern } from '../../values/pattern.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import { GroovyObject, type Value } from '../../values/value.ts';
import type { HostClass } from './class-reference.ts';
import { fromPlain, parseJson, prettyPrint, toJson, toPlain } from './json.ts';

const require = createRequire(import.meta.url);
/** Loaded when first used: its 72 files are a tenth of the time that a small run takes. */
const yaml = () => require('yaml') as typeof import('yaml');

/** An object whose methods are a table. */
export class ToolObject extends GroovyObject {
  readonly className: string;
  readonly #methods: Readonly<Record<string, (args: readonly Value[]) => Value>>;
  readonly #shown: () => string;

  constructor(
    className: string,
    methods: Readonly<Record<string, (args: readonly Value[]) => Value>>,
    shown: () => string = () => className,
  ) {
    super();
    this.className = className;
    this.#methods = methods;
    this.#shown = shown;
  }

  override property(name: string): Value | undefined {
    return this.invoke(`get${name[0]?.toUpperCase()}${name.slice(1)}`, []);
  }

  override setProperty(name: string, value: Value): boolean {
    return this.invoke(`set${name[0]?.toUpperCase()}${name.slice(1)}`, [value]) !== undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    return Object.hasOwn(this.#methods, name) ? this.#methods[name]!(args) : undefined;
  }

  override members(): Iterable<string> {
    return Object.keys(this.#methods);
  }

  toString(): string {
    return this.#shown();
  }
}

const source = (value: Value): string =>
  value instanceof FilePath
    ? value.read()
    : value instanceof Uint8Array
      ? Buffer.from(value).toString()
      : text(value instanceof GroovyObject ? (value.property('text') ?? value) : value);

export function yamlValue(written: string): Value {
  try {
    return fromPlain(yaml().parse(written, { merge: true, version: '1.1', maxAliasCount: 1_000 }));
  } catch (error) {
    throw fault(`This is not YAML: ${(error as Error).message}`, 'YAMLException');
  }
}

export const yamlText = (value: Value) => yaml().stringify(toPlain(value), { lineWidth: 0 });

function stringBuilder(args: readonly Value[]): ToolObject {
  let content = typeof args[0] === 'string' ? args[0] : '';
  const builder: ToolObject = new ToolObject(
    'StringBuilder',
    {
      append: ([value]) => ((content += text(value)), builder),
      leftShift: ([value]) => ((content += text(value)), builder),
      println: ([value]) => ((content += `${value === undefined ? '' : text(value)}\n`), builder),
      write: ([value]) => ((content += text(value)), builder),
      print: ([value]) => ((content += text(value)), builder),
      insert: ([at, value]) => (
        (content = content.slice(0, Number(at)) + text(value) + content.slice(Number(at))),
        builder
      ),
      deleteCharAt: ([at]) => (
        (content = content.slice(0, Number(at)) + content.slice(Number(at) + 1)),
        builder
      ),
      setLength: ([length]) => ((content = content.slice(0, Number(length))), null),
      reverse: () => ((content = [...content].reverse().join('')), builder),
      length: () => content.length,
      size: () => content.length,
      toString: (): Value => content,
      plus: ([value]) => content + text(value),
      withCharset: () => builder,
    },
    () => content,
  );
  return builder;
}

function atomic(first: number): ToolObject {
  let value = first;
  return new ToolObject(
    'AtomicInteger',
    {
      get: () => value,
      set: ([next]) => ((value = Number(next)), null),
      incrementAndGet: () => ++value,
      getAndIncrement: () => value++,
      decrementAndGet: () => --value,
      addAndGet: ([more]) => (value += Number(more)),
      intValue: () => value,
    },
    () => String(value),
  );
}

/** A linear congruential generator, the one of java.util.Random, so that seeds give Java's numbers. */
export function javaRandom(seed: bigint): {
  next(bits: number): number;
  nextInt(bound: number): number;
  nextDouble(): number;
} {
  const mask = (1n << 48n) - 1n;
  let state = (seed ^ 0x5deece66dn) & mask;
  const next = (bits: number) => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return Number(BigInt.asIntN(32, state >> BigInt(48 - bits)));
  };
  return {
    next,
    nextInt(bound) {
      if ((bound & -bound) === bound) return Number((BigInt(bound) * BigInt(next(31))) >> 31n);
      for (;;) {
        const bits = next(31);
        const value = bits % bound;
        if (bits - value + (bound - 1) < 2 ** 31) return value;
      }
    },
    nextDouble: () => (next(26) * 2 ** 27 + next(27)) / 2 ** 53,
  };
}

function jsonBuilder(args: readonly Value[]): ToolObject {
  let content: Value = args[0] ?? null;
  const builder: ToolObject = new ToolObject(
    'JsonBuilder',
    {
      call: ([value]) => ((content = value instanceof Closure ? value.apply([]) : value), builder),
      toPrettyString: () => prettyPrint(toJson(content)),
      toString: (): Value => toJson(content),
      getContent: () => content,
    },
    () => toJson(content),
  );
  return builder;
}

const slurper = (parse: (written: string) => Value): HostClass => ({
  create: () => {
    const tool: ToolObject = new ToolObject('JsonSlurper', {
      parseText: ([value]) => parse(text(value)),
      parse: ([value]) => parse(source(value)),
      setType: () => tool,
    });
    return tool;
  },
});

const templateEngine: HostClass = {
  create: (_args, world) =>
    new ToolObject('TemplateEngine', {
      createTemplate: ([written]) =>
        new ToolObject('Template', {
          make: ([binding]) => world.template(source(written), binding ?? new GroovyMap()),
        }),
    }),
};

export const builders: Readonly<Record<string, HostClass>> = {
  SimpleTemplateEngine: templateEngine,
  GStringTemplateEngine: templateEngine,
  JsonSlurper: slurper(parseJson),
  JsonSlurperClassic: slurper(parseJson),
  JsonBuilder: { create: jsonBuilder },
  JsonOutput: {
    statics: { toJson: ([value]) => toJson(value ?? null), prettyPrint: ([json]) => prettyPrint(text(json)) },
  },
  YamlSlurper: slurper(yamlValue),
  YamlBuilder: {
    create: (args) =>
      new ToolObject('YamlBuilder', { toString: (): Value => yamlText(args[0]) }, () => yamlText(args[0])),
  },
  Yaml: {
    create: () =>
      new ToolObject('Yaml', {
        load: ([value]) => yamlValue(source(value)),
        dump: ([value]) => yamlText(value),
        dumpAsMap: ([value]) => yamlText(value),
      }),
  },
  DumperOptions: {
    create: () =>
      new ToolObject('DumperOptions', {
        setDefaultFlowStyle: () => null,
        setPrettyFlow: () => null,
        setIndent: () => null,
      }),
  },
  StringBuilder: { create: stringBuilder },
  StringBuffer: { create: stringBuilder },
  StringWriter: { create: stringBuilder },
  PrintWriter: { create: ([target]: readonly Value[]): Value => target ?? stringBuilder([]) },
  AtomicInteger: { create: ([value]) => atomic(Number(value ?? 0)) },
  AtomicLong: { create: ([value]) => atomic(Number(value ?? 0)) },
  Pattern: {
    statics: {
      compile: ([pattern, flags]) =>
        new Pattern(
          text(pattern),
          (Number(flags ?? 0) & 2 ? 'i' : '') +
            (Number(flags ?? 0) & 8 ? 'm' : '') +
            (Number(flags ?? 0) & 32 ? 's' : ''),
        ),
      quote: ([value]) => `\\Q${text(value)}\\E`,
      matches: ([pattern, value]) => truth(Pattern.of(pattern).matches(text(value)) !== null),
    },
    fields: { CASE_INSENSITIVE: 2, MULTILINE: 8, DOTALL: 32 },
  },
};
