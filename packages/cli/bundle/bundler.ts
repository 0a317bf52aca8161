import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';

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
    banner: { js: '(function (module, exports, require) {' },
    footer: { js: '})' },
    plugins: [ownPlaces, builtinsAsAsked],
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

/** What a module finds beside itself is still there, and not beside the bundle. */
const ownPlaces: Plugin = {
  name: 'own places',
  setup(building) {
    building.onLoad({ filter: /\.(ts|m?js)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta')) return undefined;
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      return { contents, loader: extname(path) === '.ts' ? 'ts' : 'js' };
    });
  },
};

/**
 * Node's own modules without an `import` of them, for which Node reads every export: that of `node:http` loads all of
 * `fetch`, that of `node:crypto` all of WebCrypto, a fifth of a short command's time.
 */
const builtinsAsAsked: Plugin = {
  name: 'builtins as asked',
  setup(building) {
    building.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }));
    building.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
