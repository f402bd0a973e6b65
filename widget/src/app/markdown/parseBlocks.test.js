import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseBlocks } from './parseBlocks.js';

const text = (/** @type {string} */ t) => [{ kind: 'text', text: t }];
const paragraph = (/** @type {string} */ t) => ({ kind: 'paragraph', inside: text(t) });

/** @type {[string, any[]][]} */
const CASES = [
  ['', []],
  ['a\nb\n\nc', [paragraph('a\nb'), paragraph('c')]],
  ['a\r\n\r\nb', [paragraph('a'), paragraph('b')]],
  ['## T ##\nx', [{ kind: 'heading', inside: text('T') }, paragraph('x')]],
  ['#no heading', [paragraph('#no heading')]],
  ['a\n\n---\n\nb', [paragraph('a'), paragraph('b')]],
  ['- a\n- b', [{ kind: 'list', ordered: false, start: 1, items: [[paragraph('a')], [paragraph('b')]] }]],
  ['x:\n* a\n* b\n\ny', [paragraph('x:'), { kind: 'list', ordered: false, start: 1, items: [[paragraph('a')], [paragraph('b')]] }, paragraph('y')]],
  ['3. a\n\n4. b', [{ kind: 'list', ordered: true, start: 3, items: [[paragraph('a')], [paragraph('b')]] }]],
  ['- a\n  - b\n- c', [{ kind: 'list', ordered: false, start: 1, items: [[paragraph('a'), { kind: 'list', ordered: false, start: 1, items: [[paragraph('b')]] }], [paragraph('c')]] }]],
  ['- a\n  more', [{ kind: 'list', ordered: false, start: 1, items: [[paragraph('a\nmore')]] }]],
  ['> a\n> b', [{ kind: 'quote', blocks: [paragraph('a\nb')] }]],
  ['```js\n<b>\n\n*x*\n```\ny', [{ kind: 'code', text: '<b>\n\n*x*' }, paragraph('y')]],
  ['```\nopen', [{ kind: 'code', text: 'open' }]],
];

for (const [source, expected] of CASES)
  test(`blocks: ${JSON.stringify(source)}`, () => assert.deepEqual(parseBlocks(source), expected));

/** @param {any} value @returns {Generator<any>} */
function* walk(value) {
  if (value === null || typeof value !== 'object') return;
  if (value.kind) yield value;
  for (const inner of Object.values(value)) yield* walk(inner);
}

/** @type {string[]} */
const ATTACKS = JSON.parse(readFileSync(new URL('./attacks.json', import.meta.url), 'utf8'));
const KINDS = new Set(['paragraph', 'heading', 'code', 'quote', 'list', 'text', 'cite', 'strong', 'em', 'link']);

test('no attack becomes anything but the known kinds and links to web addresses', () => {
  assert.ok(ATTACKS.length >= 100);
  for (const attack of ATTACKS)
    for (const node of walk(parseBlocks(attack))) {
      assert.ok(KINDS.has(node.kind), attack);
      if (node.kind === 'link') assert.match(node.href, /^https?:\/\/[^@]*$/, attack);
    }
});

test('an attack cut anywhere, as it streams in, is as harmless', () => {
  for (const attack of ATTACKS)
    for (let cut = 1; cut < attack.length; cut += 1)
      for (const node of walk(parseBlocks(attack.slice(0, cut))))
        if (node.kind === 'link') assert.match(node.href, /^https?:\/\/[^@]*$/, attack.slice(0, cut));
});

test('a long answer of short lines is parsed soon, marks or not', () => {
  const begun = performance.now();

  for (const line of ['- a\n', '> a\n', '1. a\n', '> > > > > > a\n', '```\n', '  - a\n', 'a\n'])
    parseBlocks(line.repeat(Math.ceil(16000 / line.length)));

  assert.ok(performance.now() - begun < 3000);
});
