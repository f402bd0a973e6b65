import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeLink } from './safeLink.js';

test('web addresses pass', () => {
  assert.equal(safeLink('https://example.org/a?b=c#d'), 'https://example.org/a?b=c#d');
  assert.equal(safeLink('HTTP://EXAMPLE.org'), 'http://example.org/');
});

test('everything else does not', () => {
  for (const address of [
    'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)', ' javascript:alert(1)',
    'data:text/html,x', 'vbscript:x', 'blob:https://a/b', 'file:///etc/passwd', 'mailto:a@b.c', 'ftp://a/b',
    'https://good.example@evil.example/', 'https://:x@evil.example/', '//evil.example', '/path', 'path', '', 'https://', 'https:// a',
  ])
    assert.equal(safeLink(address), '', address);
});
