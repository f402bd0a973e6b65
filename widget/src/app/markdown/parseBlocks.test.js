import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { asMarkup } from './doubles/asMarkup.js';
import { parseBlocks } from './parseBlocks.js';

/** @type {[string, string][]} */
const CASES = [
  ['', ''],
  ['a\nb\n\nc', '<p>a\nb</p><p>c</p>'],
  ['a\r\n \r\nb', '<p>a</p><p>b</p>'],
  ['## T ##\nx', '<p class="heading">T</p><p>x</p>'],
  ['# C#', '<p class="heading">C#</p>'],
  ['#no heading', '<p>#no heading</p>'],
  ['a\n\n---\n\nb', '<p>a</p><p>b</p>'],
  ['a\n---\n* * *\nb', '<p>a</p><p>b</p>'],
  ['- a\n- b', '<ul><li><p>a</p></li><li><p>b</p></li></ul>'],
  ['x:\n* a\n* b\n\ny', '<p>x:</p><ul><li><p>a</p></li><li><p>b</p></li></ul><p>y</p>'],
  ['3. a\n\n4. b', '<ol start="3"><li><p>a</p></li><li><p>b</p></li></ol>'],
  ['1. a\n- b\n2. c', '<ol start="1"><li><p>a</p></li></ol><ul><li><p>b</p></li></ul><ol start="2"><li><p>c</p></li></ol>'],
  ['- a\n  - b\n    - c\n- d', '<ul><li><p>a</p><ul><li><p>b</p><ul><li><p>c</p></li></ul></li></ul></li><li><p>d</p></li></ul>'],
  ['1. a\n\n   b\n   - c\n10. d\n    e', '<ol start="1"><li><p>a</p><p>b</p><ul><li><p>c</p></li></ul></li><li><p>d\ne</p></li></ol>'],
  ['1. a\n   ```\n   x\n     y\n   ```\n2. b', '<ol start="1"><li><p>a</p><pre><code>x\n  y\n</code></pre></li><li><p>b</p></li></ol>'],
  ['- a\n  more\neven more', '<ul><li><p>a\nmore\neven more</p></li></ul>'],
  ['- a\n\nb', '<ul><li><p>a</p></li></ul><p>b</p>'],
  ['-', '<ul><li></li></ul>'],
  ['> a\n> b', '<blockquote><p>a\nb</p></blockquote>'],
  ['x\n> a\n>\n> - b\ny', '<p>x</p><blockquote><p>a</p><ul><li><p>b</p></li></ul></blockquote><p>y</p>'],
  ['```js\n<b>\n\n*x*\n```\ny', '<pre><code>&lt;b>\n\n*x*\n</code></pre><p>y</p>'],
  ['a\n~~~\n```\n~~~', '<p>a</p><pre><code>```\n</code></pre>'],
  ['```\n```', '<pre><code></code></pre>'],
  ['```\nopen', '<pre><code>open</code></pre>'],
  ['```a```', '<p><code>a</code></p>'],
];

for (const [source, expected] of CASES)
  test(`blocks: ${JSON.stringify(source)}`, () => assert.equal(asMarkup(parseBlocks(source)), expected));

/** @param {import('./parseInline.js').Node[]} nodes @returns {Generator<Exclude<import('./parseInline.js').Node, string>>} */
function* walk(nodes) {
  for (const node of nodes)
    if (typeof node !== 'string') {
      yield node;
      yield* walk(node.inside);
    }
}

/** @type {string[]} */
const ATTACKS = JSON.parse(readFileSync(new URL('./attacks.json', import.meta.url), 'utf8'));
/** What each tag may say of itself. @type {Record<string, string[]>} */
const KNOWN = { p: ['class'], pre: ['tabindex', 'dir'], code: [], blockquote: [], ul: [], ol: ['start'], li: [], strong: [], em: [], cite: ['n'], a: ['href', 'target', 'rel'] };

/** @param {string} text */
function assertInert(text) {
  for (const { tag, at = {} } of walk(parseBlocks(text))) {
    assert.ok(Object.hasOwn(KNOWN, tag), text);
    for (const name of Object.keys(at)) assert.ok(KNOWN[tag].includes(name), text);
    if (tag === 'a') assert.match(at.href, /^https?:\/\/[^@]*$/, text);
  }
}

test('no attack becomes anything but the known elements and links to web addresses', () => {
  assert.ok(ATTACKS.length >= 100);
  for (const attack of ATTACKS) assertInert(attack);
});

test('an attack cut anywhere, as it streams in, is as harmless', () => {
  for (const attack of ATTACKS) for (let cut = 1; cut < attack.length; cut += 1) assertInert(attack.slice(0, cut));
});

test('a long answer of short lines is parsed soon, marks or not', () => {
  const begun = performance.now();

  for (const line of ['- a\n', '> a\n', '1. a\n', '> > > > > > a\n', '```\n', '  - a\n', 'a\n', '# # ', '- ', '> ', '\n', ' ', ' \n', '```a\n', '- a\n\n', '1. - '])
    parseBlocks(line.repeat(Math.ceil(16000 / line.length)));

  assert.ok(performance.now() - begun < 3000);
});
