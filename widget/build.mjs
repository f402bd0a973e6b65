/*
 * Writes dist/ (or the folder that OUT names): the loader, the application, a file per language,
 * the pages /chat, /embed and /demo, each also compressed, and snippet.json with the loader's
 * version and hash.  With --gate it fails when the widget outgrows what a page should have to load:
 * that is for tests to say, not for an owner who wants his widget built.
 */
import { build, transform } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { minify } from 'terser';
import { INTERNAL } from './internal.mjs';

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

/** What the widget says, in an order that all files share. */
const TEXTS = Object.keys((await import('./src/app/texts/en.js')).en);

/**
 * Texts have names where they are written and used, and numbers on their way: a language is a list.
 * @type {import('esbuild').Plugin}
 */
const texts = {
  name: 'texts',
  setup({ onLoad }) {
    onLoad({ filter: /\/texts\/[a-z]{2}\.js$/ }, async ({ path }) => {
      const [said] = /** @type {Record<string, string>[]} */ (Object.values(await import(path)));

      return { contents: `export default ${JSON.stringify(TEXTS.map((name) => said[name]))}` };
    });
    onLoad({ filter: /\/src\/app\/.*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');

      if (/\btexts\)?\[/.test(source)) throw new Error(`${path}: a text is asked for by its name, that is a number here`);
      return { contents: source.replace(/\btexts\.(\w+)/g, (_, name) => `texts[${numberOf(name, path)}]`) };
    });
  },
};

/** @param {string} name @param {string} path */
function numberOf(name, path) {
  const number = TEXTS.indexOf(name);

  if (number < 0) throw new Error(`${path}: there is no text ${name}`);
  return number;
}

/**
 * @param {string} name
 * @param {import('esbuild').BuildOptions} from
 * @returns {Promise<number>} bytes of the compressed file
 */
async function bundle(name, from) {
  const { outputFiles = [] } = await build({
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: TARGET,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [styles, texts],
    ...from,
  });
  const code = await squeeze(outputFiles[0].text, name !== 'widget.js');

  await writeFile(join(DIST, name), code);
  return compress(name);
}

/**
 * Twenty kilobytes are few: a second look at what the bundler made small saves one of them.  More
 * passes make a shorter text, which is not always the one that packs best.
 *
 * @param {string} source
 * @param {boolean} module
 * @returns {Promise<string>}
 */
async function squeeze(source, module) {
  const compress = { hoist_funs: true, pure_getters: true, unsafe_arrows: true, keep_fargs: false };
  const tries = await Promise.all([1, 2, 3].map((passes) => minify(source, { module, toplevel: true, ecma: 2020, compress: { ...compress, passes } })));
  const codes = tries.map(({ code = '' }) => code);
  const sizes = codes.map((code) => pack(code).length);

  return codes[sizes.indexOf(Math.min(...sizes))];
}

/** @param {string | Buffer} bytes */
const pack = (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });

/** @param {string} path in this folder */
const entry = (path) => ({ entryPoints: [join(HERE, path)] });

/** A visitor fetches one of them. @returns {Promise<number[]>} bytes of each */
async function bundleTexts() {
  const folder = join(HERE, 'src/app/texts');
  const names = (await readdir(folder)).filter((file) => /^[a-z]{2}\.js$/.test(file));

  return Promise.all(names.map((name) => bundle(`text-${name}`, entry(`src/app/texts/${name}`))));
}

/** What an owner's page says of this very loader. */
async function writeSnippet() {
  const bytes = await readFile(join(DIST, 'widget.js'));
  const version = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

  await writeFile(join(DIST, 'snippet.json'), `${JSON.stringify({ version, integrity })}\n`);
}

/** @param {string} name @returns {Promise<number>} bytes of the compressed file */
async function compress(name) {
  const path = join(DIST, name);
  const packed = pack(await readFile(path));

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
  if (bytes > max && process.argv.includes('--gate')) process.exitCode = 1;
}

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });
const loader = await bundle('widget.js', { ...entry('src/loader/loader.js'), format: 'iife' });
const app = await bundle('widget-app.js', { ...entry('src/app/mount.js'), mangleProps: new RegExp(`^(${INTERNAL.join('|')})$`) });
const languages = await bundleTexts();

await writeSnippet();
await copy('pages/page.html');
await copy('pages/page.css');
await copy('demo/index.html', 'demo.html');
await copy('demo/demo.css');
await copy('demo/demo.js');
console.log(`app ${app}, languages ${languages.length}, the largest ${Math.max(...languages)}`);
check('widget.js', loader, LOADER_MAX);
// A visitor loads the loader, the application, a language.
check('the whole widget', loader + app + Math.max(...languages), WHOLE_MAX);
