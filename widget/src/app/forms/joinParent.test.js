import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinParent } from './joinParent.js';

const BOX = { open: false, left: true, width: 60, height: 60 };

/** A frame in a page, and a way to speak to it. */
function frame() {
  /** @type {[string, any][]} */
  const called = [];
  /** @type {any[]} */
  const started = [];
  const parent = {};
  const here = /** @type {any} */ ({ parent });

  joinParent(async (wishes) => {
    started.push(wishes);
    wishes.emit('ready', undefined, BOX);
    return async (name, argument) => {
      if (name === 'ask') throw new Error('not now');
      called.push([name, argument]);
    };
  }, here);
  return {
    called,
    started,

    /** @param {any} data @param {{source?: any, ports?: any[]}} [from] @returns {Promise<any[]>} what is said to the port */
    async hear(data, { source = parent, ports } = {}) {
      /** @type {any[]} */
      const told = [];

      await here.onmessage({ data, source, ports: ports ?? [{ postMessage: (/** @type {any} */ message) => told.push(JSON.parse(JSON.stringify(message))) }] });
      return told;
    },
  };
}

const HELLO = { cc: 'hello', argument: { narrow: true, dataset: { locale: 'de' }, origin: 'https://evil.example.org', form: 'page' } };

test('a page that says hello is answered by its port alone, and decides nothing but what it may', async () => {
  const { hear, started } = frame();

  assert.deepEqual(await hear(HELLO), [{ name: 'ready', box: BOX }, {}]);
  const [{ emit, ...wishes }] = started;

  assert.deepEqual(wishes, { form: 'frame', narrow: true, dataset: { locale: 'de' } });
});

test('strangers, and messages that are not ours, are not heard', async () => {
  const { hear, started, called } = frame();

  assert.deepEqual(await hear(HELLO, { source: {} }), []);
  assert.deepEqual(await hear(HELLO, { ports: [] }), []);
  for (const data of ['hello', null, {}]) assert.deepEqual(await hear(data), []);
  assert.deepEqual(started, []);
  await hear(HELLO);
  assert.deepEqual(await hear({ cc: 'open' }, { source: {} }), []);
  assert.deepEqual(called, []);
});

test('calls are answered each by its own port, also when they fail', async () => {
  const { hear, called } = frame();

  await hear(HELLO);
  assert.deepEqual(await hear({ cc: 'setNarrow', argument: true }), [{}]);
  assert.deepEqual(await hear({ cc: 'ask', argument: 'Why?' }), [{ error: 'Error: not now' }]);
  assert.deepEqual(called, [['setNarrow', true]]);
});

test('a second hello starts nothing, also while the first is being answered', async () => {
  const { hear, started } = frame();

  await Promise.all([hear(HELLO), hear(HELLO)]);
  assert.equal(started.length, 1);
});
