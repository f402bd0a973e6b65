import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVisitor } from './readVisitor.js';

test('a signed visitor is shown as his server signed him, in bytes', () => {
  const { who, proof } = readVisitor({ user: 'Jörg', exp: 1790000000, hash: 'abc' });

  assert.equal(who, 'Jörg');
  assert.deepEqual(proof, { 'x-visitor-id': 'J\u00c3\u00b6rg', 'x-visitor-exp': '1790000000', 'x-visitor-hash': 'abc' });
});

test('a token tells one visitor from another', () => {
  const token = (/** @type {object} */ claims) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const of = (/** @type {object} */ claims) => readVisitor({ token: token(claims) }).who;

  assert.equal(of({ sub: 'u-1', exp: 1 }), of({ sub: 'u-1', exp: 2 }));
  assert.notEqual(of({ sub: 'u-1' }), of({ sub: 'u-2' }));
  assert.deepEqual(Object.keys(readVisitor({ token: 'no.token' }).proof), ['x-visitor-token']);
  assert.ok(readVisitor({ token: 'no.token' }).who);
});

test('nobody in particular has nothing to show', () => {
  assert.deepEqual(readVisitor(null), { who: '', proof: {} });
  assert.deepEqual(readVisitor({}), { who: '', proof: {} });
});
