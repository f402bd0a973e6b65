import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './readOptions.js';

const SRC = 'https://chat.example.org:8443/widget.js?v=1';

test('the gateway is where the script came from', () => {
  assert.deepEqual(readOptions({ src: SRC, dataset: { apiKey: ' pk_live_x ', position: 'Bottom-Left', locale: 'de' } }), {
    origin: 'https://chat.example.org:8443',
    key: 'pk_live_x',
    position: 'left',
    locale: 'de',
    who: '',
    proof: {},
  });
});

test('a signed visitor is shown as his server signed him', () => {
  const { who, proof } = readOptions({ src: SRC, dataset: { user: 'Jörg', userExp: '1790000000', userHash: 'abc' } });

  assert.equal(who, 'Jörg');
  assert.deepEqual(proof, { 'x-visitor-id': 'J\u00c3\u00b6rg', 'x-visitor-exp': '1790000000', 'x-visitor-hash': 'abc' });
});

test('a token tells one visitor from another', () => {
  const token = (/** @type {object} */ claims) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  const of = (/** @type {string} */ userToken) => readOptions({ src: SRC, dataset: { userToken } });

  assert.equal(of(token({ sub: 'u-1', exp: 1 })).who, of(token({ sub: 'u-1', exp: 2 })).who);
  assert.notEqual(of(token({ sub: 'u-1' })).who, of(token({ sub: 'u-2' })).who);
  assert.deepEqual(Object.keys(of('no.token').proof), ['x-visitor-token']);
  assert.ok(of('no.token').who);
});

test('what the page leaves out is empty', () => {
  const { key, position, locale } = readOptions({ src: SRC, dataset: { position: 'above' } });

  assert.deepEqual([key, position, locale], ['', '', '']);
});
