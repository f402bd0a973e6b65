import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRetryAfter } from './readRetryAfter.js';

test('seconds, dates and nonsense', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  assert.equal(readRetryAfter('12', now), 12000);
  assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now), 30000);
  assert.equal(readRetryAfter('Thu, 01 Jan 2025 00:00:30 GMT', now), 0);
  assert.equal(readRetryAfter('soon', now), 0);
  assert.equal(readRetryAfter(null, now), 0);
});
