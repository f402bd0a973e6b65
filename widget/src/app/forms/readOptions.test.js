import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './readOptions.js';

test('what the page says is taken, however it is written', () => {
  assert.deepEqual(readOptions({ position: 'Bottom-Left', locale: ' de ', theme: 'Dark' }), {
    position: 'left',
    locale: 'de',
    theme: 'dark',
    visitor: { who: '', proof: {} },
  });
});

test('what it leaves out or misspells is empty', () => {
  const nothing = { position: '', locale: '', theme: '', visitor: { who: '', proof: {} } };

  assert.deepEqual(readOptions({}), nothing);
  assert.deepEqual(readOptions({ position: 'above', theme: 'darkest', user: '' }), nothing);
});

test('a signed visitor is read from the attributes', () => {
  const { who, proof } = readOptions({ user: 'u-1', userExp: '1790000000', userHash: 'abc' }).visitor;

  assert.equal(who, 'u-1');
  assert.deepEqual(proof, { 'x-visitor-id': 'u-1', 'x-visitor-exp': '1790000000', 'x-visitor-hash': 'abc' });
});
