import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStore } from './createStore.js';

const WAITING = { question: 'q', messageId: 'message-1', answerId: 'a', lastId: '1-3', text: 't', sources: [] };

/** @returns {any} */
function memory() {
  const map = new Map();

  return { map, removeItem: (/** @type {string} */ k) => map.delete(k), getItem: (/** @type {string} */ k) => map.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => map.set(k, v) };
}

test('what is set is there after a reload', () => {
  const storage = memory();

  createStore('pk_1', '', () => storage).set({ sessionId: 'ses_0001', queue: [WAITING], gone: ['ses_0000'], form: true });

  assert.deepEqual(createStore('pk_1', '', () => storage).get(), {
    who: '',
    sessionId: 'ses_0001',
    open: false,
    queue: [WAITING],
    last: '',
    gone: ['ses_0000'],
    form: true,
    files: false,
    handoff: '',
  });
});

test('two keys on one page share nothing', () => {
  const storage = memory();

  createStore('pk_1', '', () => storage).set({ sessionId: 'ses_0001' });

  assert.equal(createStore('pk_2', '', () => storage).get().sessionId, '');
});

test('a page without storage, a full one and a spoilt record are survived', () => {
  const forbidden = createStore('pk_1', '', () => {
    throw new Error('SecurityError');
  });
  const full = createStore('pk_1', '', () => ({
    ...memory(),
    setItem() {
      throw new Error('QuotaExceededError');
    },
  }));
  const spoilt = memory();

  spoilt.setItem('chatconnect:pk_1', '{"sessionId":');
  forbidden.set({ sessionId: 'a' });
  full.set({ sessionId: 'b' });
  assert.equal(forbidden.get().sessionId, 'a');
  assert.equal(full.get().sessionId, 'b');
  assert.equal(createStore('pk_1', '', () => spoilt).get().sessionId, '');
});

test('whoever signs in or out finds nothing of who was there before', () => {
  const storage = memory();

  createStore('pk_1', 'ada', () => storage).set({ sessionId: 'ses_0001', queue: [WAITING] });
  assert.equal(createStore('pk_1', 'ada', () => storage).get().sessionId, 'ses_0001');

  const { sessionId, queue } = createStore('pk_1', 'ben', () => storage).get();
  assert.deepEqual([sessionId, queue], ['', []]);
  assert.equal(storage.map.size, 0, 'nothing of hers is left on the device');
});
