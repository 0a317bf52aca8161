import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';

export interface Bundle {
  readonly text: string;
  /** Absolute paths of everything that is in it. */
  readonly sources: readonly string[];
}

/** The module and all that it imports, as one module for this Node. */
export async function bundleOf(entry: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    minifyWhitespace: true,
    banner: { js: requireFrom(entry) },
    plugins: [ownPlaces],
    logLevel: 'silent',
  });
  await stop();
  return {
    text: outputFiles[0]!.text,
    sources: Object.keys(metafile.inputs).map((path) => resolve(path)),
  };
}

/** Packages of the older kind of module ask for Node's own. The name is one that no module has. */
function requireFrom(entry: string): string {
  const own = JSON.stringify(pathToFileURL(entry).href);
  return `import { createRequire as requireOfBundle } from 'node:module'; const require = requireOfBundle(${own});`;
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
