import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinParent } from './joinParent.js';

const HOME = 'https://shop.example.org';
const BOX = { open: false, left: true, width: 60, height: 60 };

/** A frame in a page: what it says to whom, and a way to speak to it. */
function frame() {
  /** @type {[string, string, any][]} */
  const told = [];
  /** @type {string[]} */
  const called = [];
  const here = new EventTarget();
  const parent = /** @type {any} */ ({ postMessage: (/** @type {any} */ { cc, ...rest }, /** @type {string} */ to) => told.push([to, cc, rest]) });
  /** @type {any} */
  let wishes;
  const widget = /** @type {any} */ ({
    box: () => BOX,
    setNarrow: (/** @type {boolean} */ now) => called.push(`narrow ${now}`),
    open: () => called.push('open'),
    ask: async (/** @type {string} */ text) => called.push(`ask ${text}`),
    destroy: () => called.push('destroy'),
  });

  joinParent(
    parent,
    async (given) => {
      wishes = given;
      return widget;
    },
    here,
  );
  return {
    told,
    called,
    parent,
    wishes: () => wishes,

    /** @param {any} data @param {{origin?: string, source?: any}} [from] */
    async hear(data, { origin = HOME, source = parent } = {}) {
      here.dispatchEvent(Object.assign(new Event('message'), { data, origin, source }));
      await new Promise(setImmediate);
    },
  };
}

const HELLO = { cc: 'call', id: 1, name: 'hello', argument: { narrow: true, dataset: { locale: 'de', userExp: 5, deep: {} } } };

test('a page that says hello is answered at its very origin', async () => {
  const { hear, told, wishes } = frame();

  await hear(HELLO);
  assert.deepEqual(told, [
    [HOME, 'event', { name: 'box', detail: { open: false, left: true, width: 124, height: 124 } }],
    [HOME, 'done', { id: 1, error: '' }],
  ]);
  assert.deepEqual([wishes().form, wishes().narrow, wishes().dataset], ['frame', true, { locale: 'de' }]);
});

test('strangers, other origins and origins that are none are not heard', async () => {
  const { hear, told, called } = frame();
  const open = { cc: 'call', id: 2, name: 'open' };

  await hear(HELLO, { source: {} });
  await hear(HELLO, { origin: 'null' });
  await hear(open);
  await hear('hello');
  await hear(null);
  assert.deepEqual(told, []);
  await hear(HELLO);
  await hear(open, { origin: 'https://evil.example.org' });
  await hear(open, { source: {} });
  await hear(HELLO, { origin: 'https://evil.example.org' });
  await hear({ ...open, cc: 'constructor' });
  assert.deepEqual(called, []);
  assert.equal(told.length, 2);
});

test('the page may call what it may call', async () => {
  const { hear, told, called } = frame();

  await hear(HELLO);
  await hear({ cc: 'call', id: 7, name: 'ask', argument: 'Why?' });
  await hear({ cc: 'call', id: 8, name: 'destroy' });
  await hear({ cc: 'call', id: 9, name: 'constructor' });
  await hear({ cc: 'call', id: 10, name: 'setNarrow', argument: true });
  assert.deepEqual(called, ['ask Why?', 'narrow true']);
  assert.deepEqual(told.slice(2).map(([to, cc, { id, error }]) => [to, cc, id, error]), [
    [HOME, 'done', 7, ''],
    [HOME, 'done', 8, 'no such call: destroy'],
    [HOME, 'done', 9, 'no such call: constructor'],
    [HOME, 'done', 10, ''],
  ]);
});

test('a second hello starts nothing', async () => {
  const { hear, told } = frame();

  await hear(HELLO);
  await hear(HELLO);
  assert.equal(told.filter(([, cc]) => cc === 'done').length, 1);
});
