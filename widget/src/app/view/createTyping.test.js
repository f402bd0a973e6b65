import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTyping } from './createTyping.js';

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';

test('what has come is revealed a little with every frame and soon all of it', () => {
  const typing = createTyping();
  const text = 'a'.repeat(400);
  let frames = 0;
  let shown = 0;

  for (let now = ''; now !== text; frames += 1, shown = now.length) {
    now = typing(text, true);
    assert.ok(now.length >= shown && text.startsWith(now));
  }
  assert.ok(frames > 10 && frames < 50, `${frames} frames`);
});

test('no character is shown by halves', () => {
  const typing = createTyping();
  const text = `${FAMILY}e\u0301`.repeat(20);
  const edges = new Set(Array.from(new Intl.Segmenter().segment(text), ({ index }) => index).concat(text.length));

  for (let now = ''; now !== text; ) {
    now = typing(text, true);
    assert.ok(edges.has(now.length), String(now.length));
  }
});

test('who wants no movement gets all of it at once', () => {
  assert.equal(createTyping()('all of it', false), 'all of it');
});

test('a text that begins anew is shown as far as it goes', () => {
  const typing = createTyping();

  typing('a long beginning', false);
  assert.equal(typing('new', true), 'new');
});
