import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asMarkup } from './doubles/asMarkup.js';
import { parseInline } from './parseInline.js';

/** @type {[string, string][]} */
const CASES = [
  ['', ''],
  ['plain', 'plain'],
  ['a **b** c', 'a <strong>b</strong> c'],
  ['***a***', '<strong><em>a</em></strong>'],
  ['**Hotel**zimmer', '<strong>Hotel</strong>zimmer'],
  ['__b__', '<strong>b</strong>'],
  ['*a* and _b_', '<em>a</em> and <em>b</em>'],
  ['**a *b* c**', '<strong>a <em>b</em> c</strong>'],
  ['*a **b** c*', '<em>a <strong>b</strong> c</em>'],
  ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
  ['**open', '**open'],
  ['`a *b*`', '<code>a *b*</code>'],
  ['`` a ` b ``', '<code>a ` b</code>'],
  ['`open', '`open'],
  ['\\*no\\* \\[1\\]', '*no* [1]'],
  ['yes [1][2].', 'yes <cite n="1">[1]</cite><cite n="2">[2]</cite>.'],
  ['[1]: x [2](y)', '[1]: x 2'],
  ['[a](https://x.org/b)', '<a href="https://x.org/b">a</a>'],
  ['[**a**](https://x.org/b)', '<a href="https://x.org/b"><strong>a</strong></a>'],
  ['[a](<http://x.org/> "t")', '<a href="http://x.org/">a</a>'],
  ['[a](https://x.org/w_(b))', '<a href="https://x.org/w_(b)">a</a>'],
  ['[a](see below)', '[a](see below)'],
  ['[a](javascript:x)', 'a'],
  ['[a](https://good@evil.example)', 'a'],
  ['(see https://x.org/a_b).', '(see <a href="https://x.org/a_b">https://x.org/a_b</a>).'],
  ['<https://x.org>, https://a@x.org', '<a href="https://x.org/">https://x.org</a>, https://a@x.org'],
  ['xhttps://x.org', 'xhttps://x.org'],
  ['![a](https://x.org/p.png)![](https://x.org/p.png)', 'a'],
  ['[*a* https://y.org/](https://x.org/)', '<a href="https://x.org/"><em>a</em> https://y.org/</a>'],
  ['<b onclick=x>*a*</b>', '&lt;b onclick=x><em>a</em>&lt;/b>'],
];

for (const [source, expected] of CASES)
  test(`inline: ${source}`, () => assert.equal(asMarkup(parseInline(source)), expected));

/** Milliseconds of processor, the better of two. @param {string} text */
function costOf(text) {
  const costs = [1, 2].map(() => {
    const before = process.cpuUsage();

    parseInline(text);
    return process.cpuUsage(before).user / 1000;
  });

  return Math.min(...costs);
}

test('four times the text costs no more than about four times, whatever is repeated in it', () => {
  for (const mark of ['*', '_', '**', '`', '[', '![', '](', '<', '*a ', '**a ', '_a', '`a', '[a](', 'https://a[', '[a]((b)', 'http://..', ' ', '\\', '*_']) {
    const [few, many] = [8000, 32000].map((length) => costOf(mark.repeat(Math.ceil(length / mark.length))));

    // Squared it would be sixteen times; what is over in no time says nothing.
    assert.ok(many < 20 || many < 10 * few, `${mark}: ${few} ms, ${many} ms`);
  }
});
