/*
 * Writes dist/ (or the folder that OUT names): the loader, the application and the demo page, each
 * also compressed.
 * Fails when the widget outgrows what a page should have to load.
 */
import { build, transform } from 'esbuild';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DIST = process.env.OUT ?? join(HERE, 'dist');
const LOADER_MAX = 3 * 1024;
const WHOLE_MAX = 20 * 1024;
const TARGET = ['chrome101', 'edge101', 'firefox101', 'safari16.4'];

/** Style sheets become text, without the spaces. @type {import('esbuild').Plugin} */
const styles = {
  name: 'styles',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true, target: TARGET });

      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/**
 * @param {string} entry
 * @param {string} name
 * @param {'iife' | 'esm'} format
 */
async function bundle(entry, name, format) {
  await build({
    entryPoints: [join(HERE, entry)],
    outfile: join(DIST, name),
    bundle: true,
    minify: true,
    format,
    target: TARGET,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [styles],
  });
  return compress(name);
}

/** @param {string} name @returns {Promise<number>} bytes of the compressed file */
async function compress(name) {
  const path = join(DIST, name);
  const packed = gzipSync(await readFile(path), { level: constants.Z_BEST_COMPRESSION });

  await writeFile(`${path}.gz`, packed);
  return packed.length;
}

/** @param {string} name @param {string} [as] */
async function copy(name, as = basename(name)) {
  await copyFile(join(HERE, name), join(DIST, as));
  await compress(as);
}

/** @param {string} what @param {number} bytes @param {number} max */
function check(what, bytes, max) {
  console.log(`${what.padEnd(16)} ${String(bytes).padStart(6)} of ${max} bytes gzip`);
  if (bytes > max) process.exitCode = 1;
}

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });
const loader = await bundle('src/loader/loader.js', 'widget.js', 'iife');
const app = await bundle('src/app/mount.js', 'widget-app.js', 'esm');

await copy('demo/index.html', 'demo.html');
await copy('demo/demo.css');
await copy('demo/demo.js');
check('widget.js', loader, LOADER_MAX);
check('with the app', loader + app, WHOLE_MAX);
