import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';

/** What loads the commands. */
const PROGRAM = ['bundle.ts', 'bundled.ts', '../command-line.ts'].map((path) =>
  resolve(import.meta.dirname, path),
);

/** A tenth of all code, for documents with an ontology. */
const SELDOM = ['fast-xml-parser'];

export interface Bundle {
  readonly text: string;
  /** Absolute paths of everything that is in it. */
  readonly sources: readonly string[];
}

/** The module and all that it imports, as one function of a module of the older kind, in ASCII, for this Node. */
export async function bundleOf(entry: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    charset: 'ascii',
    platform: 'node',
    target: `node${process.versions.node}`,
    minifyWhitespace: true,
    banner: { js: '(function (module, exports, require, load) {' },
    footer: { js: '})' },
    plugins: [ownSources, builtinsWhole],
    logLevel: 'silent',
  });
  await stop();
  return {
    text: outputFiles[0]!.text,
    sources: Object.keys(metafile.inputs)
      .filter((path) => !path.startsWith('builtin:'))
      .map((path) => resolve(path)),
  };
}

/** What a source says of itself and of what lies outside of the bundle, in words that hold in there. */
const ownSources: Plugin = {
  name: 'own sources',
  setup(building) {
    building.onLoad({ filter: /\.(ts|[cm]?js)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const isOurs = !path.includes('/node_modules/');
      const own = isOurs ? builtinsAsked(text).replaceAll('__dirname', JSON.stringify(dirname(path))) : text;
      const contents = outside(ownPlaces(own, path), path);
      return contents === text ? undefined : { contents, loader: extname(path) === '.ts' ? 'ts' : 'js' };
    });
  },
};

/** What a module finds beside itself is still there, and not beside the bundle. */
function ownPlaces(text: string, path: string): string {
  return text
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
}

/**
 * What the program loads for one of its commands, and what few runs need, is loaded from its own files, by their address,
 * when it is asked for.
 */
function outside(text: string, path: string): string {
  const isProgram = PROGRAM.includes(path);
  const address = (name: string) =>
    name.startsWith('.') ? new URL(name, pathToFileURL(path)).href : import.meta.resolve(name);
  const named = text.replaceAll(/(?<!typeof )\bimport\('([^']+)'\)/g, (whole, name: string) =>
    isProgram || SELDOM.includes(name) ? `load('${address(name)}')` : whole,
  );
  return isProgram ? named.replaceAll(/(?<!typeof )\bimport\(/g, 'load(') : named;
}

/**
 * Node's own modules without an `import` of them, for which Node reads every export: that of `node:http` loads all of
 * `fetch`, that of `node:crypto` all of WebCrypto, a fifth of a short command's time.
 */
function builtinsAsked(text: string): string {
  return text.replaceAll(
    /^import \{([^}]*)\} from '(node:[^']+)';$/gm,
    (_, names: string, module: string) => {
      const asked = names.split(',').map((name) => name.trim());
      const values = asked.filter((name) => name !== '' && !name.startsWith('type '));
      const members = values.map((name) => name.replace(' as ', ': ')).join(', ');
      return `const { ${members} } = process.getBuiltinModule('${module}');`;
    },
  );
}

/** Where a module takes one of Node's as a whole, or is not our own. */
const builtinsWhole: Plugin = {
  name: 'builtins whole',
  setup(building) {
    building.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    building.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
