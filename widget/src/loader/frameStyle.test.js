import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameStyle } from './frameStyle.js';

const CLOSED = { open: false, left: false, width: 108, height: 108 };
const OPEN = { open: true, left: false, width: 0, height: 0 };
const VIEW = { offsetTop: 12, height: 400 };

test('closed, the frame covers no more of the page than the bubble', () => {
  assert.match(frameStyle(CLOSED, false, 0, VIEW), /right:calc\(var\(--chatconnect-offset-x,24px\) - 24px\);width:108px;height:108px/);
  assert.match(frameStyle({ ...CLOSED, left: true }, true, 0, VIEW), /left:calc\(.*width:108px/);
});

test('open, it has room for the panel, on a narrow screen all there is above the keyboard', () => {
  assert.match(frameStyle(OPEN, false, 0, VIEW), /width:calc\(var\(--chatconnect-width,400px\) \+ 48px\)/);
  assert.match(frameStyle(OPEN, true, 0, VIEW), /top:12px;left:0;width:100%;height:400px/);
});

test('two bubbles do not cover each other', () => {
  assert.match(frameStyle(CLOSED, false, 1, VIEW), /bottom:calc\(var\(--chatconnect-offset-y,24px\) \+ 52px\)/);
});
