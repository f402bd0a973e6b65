import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInline } from './parseInline.js';

const text = (/** @type {string} */ t) => ({ kind: 'text', text: t });

/** @type {[string, any[]][]} */
const CASES = [
  ['plain', [text('plain')]],
  ['a **b** c', [text('a '), { kind: 'strong', inside: [text('b')] }, text(' c')]],
  ['__b__', [{ kind: 'strong', inside: [text('b')] }]],
  ['*a* and _b_', [{ kind: 'em', inside: [text('a')] }, text(' and '), { kind: 'em', inside: [text('b')] }]],
  ['**a *b* c**', [{ kind: 'strong', inside: [text('a '), { kind: 'em', inside: [text('b')] }, text(' c')] }]],
  ['*a **b** c*', [{ kind: 'em', inside: [text('a '), { kind: 'strong', inside: [text('b')] }, text(' c')] }]],
  ['snake_case_name and 2 * 3 * 4', [text('snake_case_name and 2 * 3 * 4')]],
  ['**open', [text('**open')]],
  ['`a *b*`', [{ kind: 'code', text: 'a *b*' }]],
  ['`` a ` b ``', [{ kind: 'code', text: 'a ` b' }]],
  ['`open', [text('`open')]],
  ['\\*no\\* \\[1\\]', [text('*no* [1]')]],
  ['yes [1][2].', [text('yes '), { kind: 'cite', n: 1 }, { kind: 'cite', n: 2 }, text('.')]],
  ['[a](https://x.org/b)', [{ kind: 'link', href: 'https://x.org/b', inside: [text('a')] }]],
  ['[a](<http://x.org/> "t")', [{ kind: 'link', href: 'http://x.org/', inside: [text('a')] }]],
  ['[a](https://x.org/w_(b))', [{ kind: 'link', href: 'https://x.org/w_(b)', inside: [text('a')] }]],
  ['(see https://x.org/a_b).', [text('(see '), { kind: 'link', href: 'https://x.org/a_b', inside: [text('https://x.org/a_b')] }, text(').')]],
  ['xhttps://x.org', [text('xhttps://x.org')]],
  ['![a](https://x.org/p.png)', [text('a')]],
  ['[*a* https://y.org/](https://x.org/)', [{ kind: 'link', href: 'https://x.org/', inside: [{ kind: 'em', inside: [text('a')] }, text(' '), text('https://y.org/')] }]],
  ['', []],
];

for (const [source, expected] of CASES)
  test(`inline: ${source}`, () => assert.deepEqual(parseInline(source), expected));

test('deep nesting and long runs of marks end soon', () => {
  const begun = performance.now();

  for (const mark of ['*', '_', '**', '`', '[', '![', '](', '<', '*a ', '**a ', '_a', '`a', '[a](', 'https://a['])
    parseInline(mark.repeat(Math.ceil(16000 / mark.length)));

  assert.ok(performance.now() - begun < 4000);
});
