import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDelay } from './nextDelay.js';

test('delays double up to a limit and spread over half of it', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 40].map((n) => nextDelay(n, 0, () => 1));
  const shortest = [1, 2, 3].map((n) => nextDelay(n, 0, () => 0));

  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  assert.deepEqual(shortest, [250, 500, 1000]);
});

test('a wish of the server is never undercut', () => {
  assert.equal(nextDelay(1, 30000, () => 0), 30000);
  assert.ok(nextDelay(9, 30000, () => 1) < 31000);
});
