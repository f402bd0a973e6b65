import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

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
