import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { INTERNAL } from '../internal.mjs';

const src = new URL('./', import.meta.url);
const files = readdirSync(src, { recursive: true }).map(String).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'));
const read = (/** @type {string} */ name) => readFileSync(new URL(name, src), 'utf8');

test('nothing turns text into mark-up or code', () => {
  for (const name of files)
    assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|\beval\(|new Function|srcdoc|\.style\b(?!\/)/, name);
});

test('one file makes HTML elements, one file talks to the server', () => {
  const makers = files.filter((name) => /createElement\(/.test(read(name)) && !name.startsWith('loader/'));

  assert.deepEqual(makers, ['app/view/el.js']);
  assert.deepEqual(files.filter((name) => /\bfetch\(/.test(read(name))), ['app/chat/createServer.js']);
});

test('every module has one export and its name', () => {
  for (const name of files.filter((file) => file !== 'loader/loader.js')) {
    const exported = Array.from(read(name).matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm), (match) => match[1]);

    assert.deepEqual(exported, [name.replace(/^.*\//, '').replace('.js', '')], name);
  }
});

/** @param {string} text @param {RegExp} shape @returns {Set<string>} what its first group finds */
const wordsOf = (text, shape) => new Set(Array.from(text.matchAll(shape), (match) => match[1]));

test('names that the build shortens never leave the application', () => {
  const lib = new URL('../node_modules/typescript/lib/', import.meta.url);
  const interfaces = readdirSync(lib).filter((name) => /^lib\..*\.d\.ts$/.test(name)).map((name) => readFileSync(new URL(name, lib), 'utf8')).join('\n');
  const sources = files.map((name) => ({ name, code: read(name).replace(/\/\*[^]*?\*\/|\/\/.*/g, '') }));
  const whole = sources.map(({ code }) => code).join('\n');
  // Here names come in or go out: what the page, the gateway and the storage say.
  const doors = sources.filter(({ name }) => /^loader|forms\/|\/read\w+\.js$/.test(name)).map(({ code }) => code).join('\n');
  /** @type {[string, Set<string>][]} */
  const taken = [
    ['of the language or the browser', wordsOf(interfaces, /^ *(?:readonly |get |set |declare var |declare function )*"?([A-Za-z_]\w*)"?\??[:(<]/gm)],
    ['in what the gateway says', wordsOf(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8'), /([A-Za-z_]\w*)"?:/g)],
    ['a text somewhere', wordsOf(whole, /['"`]([A-Za-z_]\w*)['"`]/g)],
    ['at a door', wordsOf(doors, /([A-Za-z_]\w*)/g)],
  ];

  assert.equal(new Set(INTERNAL).size, INTERNAL.length);
  for (const name of INTERNAL) assert.deepEqual(taken.filter(([, names]) => names.has(name)).map(([where]) => where), [], name);
  for (const name of ['addEventListener', 'answerId', 'open', 'dataset']) assert.ok(taken.some(([, names]) => names.has(name)), name);
});
