// @ts-check
'use strict';
// Plain JavaScript of the older kind: what every command begins with is neither translated nor loaded as a graph of
// modules, which together take longer than many a command.
const { readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

/** What is kept of code: by Node on our behalf, and in bundles. */
const KEPT = join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'helicase');
const BUNDLES = join(KEPT, 'bundles');

/**
 * A source as it was when it was bundled: path, bytes, milliseconds since 1970.
 * @typedef {readonly [path: string, size: number, changed: number]} Stamp
 */

/** Of the length of the text, which the engine's code follows. */
const LENGTH_BYTES = 4;

/**
 * The files of a module's bundle in the folder that keeps them.
 * @param {string} entry
 * @param {string} cache
 */
function placesOf(entry, cache) {
  const name = entry.split('/').slice(-3).join('-');
  return { bundle: join(cache, `${name}.bundle`), stamps: join(cache, `${name}.json`) };
}

/**
 * The bundle of the module, where its sources are as they were when it was made.
 * @param {string} entry
 * @param {string} [cache]
 * @returns {string | undefined}
 */
function freshBundle(entry, cache = BUNDLES) {
  const { bundle, stamps } = placesOf(entry, cache);
  try {
    /** @type {readonly Stamp[]} */
    const known = JSON.parse(readFileSync(stamps, 'utf8'));
    return known.every(isCurrent) ? bundle : undefined;
  } catch {
    return undefined; // none yet, or a source is gone
  }
}

/** @param {Stamp} stamp */
function isCurrent([path, size, changed]) {
  const facts = statSync(path);
  return facts.size === size && facts.mtimeMs === changed;
}

/**
 * The exports of a bundle's file. The text is compiled again by an engine that cannot use the code. `load` is `import`
 * for what lies outside of it.
 * @param {string} filename
 * @param {NodeJS.Require} require
 * @param {(address: string) => Promise<unknown>} load
 * @returns {object}
 */
function runCompiled(filename, require, load) {
  const bytes = readFileSync(filename);
  const end = LENGTH_BYTES + bytes.readUint32LE();
  const text = bytes.toString('latin1', LENGTH_BYTES, end);
  const script = new Script(text, { filename, cachedData: bytes.subarray(end) });
  const module = { exports: {} };
  script.runInThisContext()(module, module.exports, require, load);
  return module.exports;
}

module.exports = { BUNDLES, KEPT, LENGTH_BYTES, freshBundle, placesOf, runCompiled };
