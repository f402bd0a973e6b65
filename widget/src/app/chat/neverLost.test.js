import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { createStore } from './createStore.js';
import { createBrowser } from './doubles/createBrowser.js';
import { createGateway } from './doubles/createGateway.js';
import { createRandom } from './doubles/createRandom.js';
import { openPage } from './doubles/openPage.js';

const FIVE = ['One?', 'Two?', 'Three?', 'Four?', 'Five?'];

/** @param {any} gateway what must be shown: each question once, in its order, with its whole answer */
const said = (gateway) => [...gateway.told.values()].flatMap((one) => [one.question, one.text]);

/** @param {number} moments */
async function moments(moments) {
  for (let n = 0; n < moments; n += 1) await tick();
}

/** The same gateway, whose histories can be held back on their way. @param {any} gateway */
function slowly(gateway) {
  /** @type {Promise<void> | null} */
  let held = null;
  const slow = {
    release() {},

    hold() {
      held = new Promise((resolve) => (slow.release = () => resolve()));
    },

    connect() {
      const server = gateway.connect();

      return {
        ...server,
        /** @param {string} sessionId */
        async history(sessionId) {
          const body = await server.history(sessionId);

          await held;
          return body;
        },
      };
    },
  };

  return slow;
}

/** @param {any} page @param {string[]} questions */
function ask(page, questions) {
  for (const question of questions) assert.equal(page.conversation.ask(question), true);
}

test('whatever is cut wherever, what is shown is what was said, once', async () => {
  for (let seed = 1; seed <= 600; seed += 1) {
    const gateway = createGateway({ random: createRandom(seed), cuts: 0.15 });
    const page = await openPage(gateway, createBrowser());

    ask(page, FIVE.slice(0, 2));
    await page.settled();
    assert.deepEqual(page.shown(), said(gateway), `seed ${seed}`);
    assert.equal(gateway.told.size, 2, `seed ${seed}`);
    page.leave();
  }
});

test('reloads at any moment change nothing', async () => {
  for (let seed = 1; seed <= 600; seed += 1) {
    const random = createRandom(seed);
    const gateway = createGateway({ random, cuts: 0.05 });
    const browser = createBrowser();
    let page = await openPage(gateway, browser);

    ask(page, FIVE.slice(0, 3));
    for (let reload = 0; reload < 4; reload += 1) {
      await moments(Math.floor(random() * 25));
      page.leave();
      page = await openPage(gateway, browser);
    }
    await page.settled();
    assert.deepEqual(page.shown(), said(gateway), `seed ${seed}`);
    assert.deepEqual(said(gateway).filter((_, n) => n % 2 === 0), FIVE.slice(0, 3), `seed ${seed}`);
    page.leave();
  }
});

test('five typed without a network arrive once and in order', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const page = await openPage(gateway, browser);

  browser.setOnline(false);
  gateway.down = true;
  ask(page, FIVE);
  await moments(50);
  assert.deepEqual(page.shown(), FIVE.flatMap((question) => [question, '']));
  assert.deepEqual(page.entries().filter((e) => e.kind === 'answer').slice(1).map((e) => e.answer.state), Array(4).fill('queued'));
  assert.match(page.entries()[1].answer.state, /queued|asking/);
  assert.equal(gateway.told.size, 0);

  gateway.down = false;
  browser.setOnline(true);
  await page.settled();
  assert.deepEqual([...gateway.told.values()].map((one) => one.question), FIVE);
  assert.deepEqual(page.shown(), said(gateway));
  assert.deepEqual(page.heard.filter((word) => /line$/.test(word)), ['offline', 'online']);
});

test('five typed without a network outlive a reload, before and in the middle of being sent', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  let page = await openPage(gateway, browser);

  browser.setOnline(false);
  gateway.down = true;
  ask(page, FIVE);
  page.leave();
  page = await openPage(gateway, browser);
  assert.deepEqual(page.shown(), FIVE.flatMap((question) => [question, '']));

  gateway.down = false;
  browser.setOnline(true);
  while (gateway.told.size < 3) await tick();
  page.leave();
  page = await openPage(gateway, browser);
  await page.settled();
  assert.deepEqual([...gateway.told.values()].map((one) => one.question), FIVE);
  assert.deepEqual(page.shown(), said(gateway));
});

test('a history that could not be read comes with the network', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const first = await openPage(gateway, browser);

  ask(first, ['Before?']);
  await first.settled();
  first.leave();
  gateway.down = true;
  const page = await openPage(gateway, browser);

  ask(page, ['After?']);
  await moments(5);
  gateway.down = false;
  browser.setOnline(true);
  await page.settled();
  await moments(10);
  assert.deepEqual(page.shown(), said(gateway));
});

test('what was given up is tried again when the page wakes, and before what comes after it', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const page = await openPage(gateway, browser);

  gateway.down = true;
  ask(page, FIVE.slice(0, 2));
  while (page.entries()[1].answer.state !== 'failed') await tick();
  await moments(20);
  assert.equal(page.entries()[3].answer.state, 'queued', 'the order is kept');

  gateway.down = false;
  page.entries()[1].answer.retryAt = 0;
  page.tab.hide(false);
  await page.settled();
  assert.deepEqual([...gateway.told.values()].map((one) => one.question), FIVE.slice(0, 2));
  assert.deepEqual(page.shown(), said(gateway));
});

test('two tabs show the same, whoever asks, and each question is asked once', async () => {
  for (let seed = 1; seed <= 600; seed += 1) {
    const gateway = createGateway({ random: createRandom(seed), cuts: seed % 2 ? 0.1 : 0 });
    const browser = createBrowser();
    const a = await openPage(gateway, browser);
    const b = await openPage(gateway, browser);

    ask(a, ['One?']);
    await moments(seed);
    ask(b, ['Two?']);
    await moments(seed % 7);
    ask(a, ['Three?']);
    await Promise.all([a.settled(), b.settled()]);
    await moments(60);
    assert.deepEqual([...gateway.told.values()].map((one) => one.question), ['One?', 'Two?', 'Three?'], `seed ${seed}`);
    assert.deepEqual(a.shown(), said(gateway), `seed ${seed}, the first`);
    assert.deepEqual(b.shown(), said(gateway), `seed ${seed}, the second`);
    assert.equal(new Set([...gateway.told.values()].map((one) => one.sessionId)).size, 1);
    a.leave();
    b.leave();
  }
});

test('what one tab gave up and another brought to its end is shown once', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const a = await openPage(gateway, browser);
  const b = await openPage(gateway, browser);

  gateway.down = true;
  ask(a, ['One?']);
  while (a.entries()[1]?.answer.state !== 'failed' || b.entries()[1]?.answer.state !== 'failed') await tick();
  gateway.down = false;
  b.conversation.retry(b.entries()[1]);
  await b.settled();
  await moments(40);
  assert.deepEqual(b.shown(), said(gateway));
  assert.deepEqual(a.shown(), said(gateway));
  assert.equal(gateway.told.size, 1);
});

test('a tab that nobody sees catches up when it is seen', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const a = await openPage(gateway, browser);
  const b = await openPage(gateway, browser);

  b.tab.hide(true);
  ask(a, ['One?', 'Two?']);
  await a.settled();
  await moments(10);
  assert.deepEqual(b.shown(), []);
  b.tab.hide(false);
  await moments(20);
  assert.deepEqual(b.shown(), said(gateway));
});

test('a new conversation and a deletion reach the other tabs', async () => {
  for (const end of /** @type {const} */ (['clear', 'forget'])) {
    const gateway = createGateway();
    const browser = createBrowser();
    const a = await openPage(gateway, browser);
    const b = await openPage(gateway, browser);

    ask(a, ['One?']);
    await a.settled();
    await moments(40);
    const { sessionId } = a.store.get();

    a.conversation[end]();
    await moments(40);
    assert.deepEqual([a.shown(), b.shown()], [[], []]);
    assert.equal(gateway.erased.has(sessionId), end === 'forget');
    ask(b, ['Two?']);
    await b.settled();
    assert.notEqual(b.store.get().sessionId, sessionId);
    await moments(40);
    assert.deepEqual(a.shown(), b.shown());
  }
});

test('what was deleted or left is not asked again by a tab that nobody sees', async () => {
  for (const end of /** @type {const} */ (['clear', 'forget'])) {
    const gateway = createGateway();
    const browser = createBrowser();
    const a = await openPage(gateway, browser);
    const b = await openPage(gateway, browser);

    ask(a, ['One?', 'Two?']);
    while (gateway.told.size < 1) await tick();
    a.tab.hide(true);
    b.conversation[end]();
    await moments(60);
    assert.deepEqual([...gateway.told.values()].map((one) => one.question), ['One?'], end);
    assert.deepEqual([a.shown(), b.shown()], [[], []], end);
    assert.deepEqual(a.store.get().queue, [], end);
  }
});

test('a tab of somebody else neither shows nor takes what is not his', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const ada = await openPage(gateway, browser, { who: 'ada' });

  ask(ada, ['One?']);
  await ada.settled();
  const ben = await openPage(gateway, browser, { who: 'ben' });

  await moments(40);
  assert.deepEqual([ada.shown(), ben.shown()], [[], []]);
  ask(ben, ['Two?']);
  ask(ada, ['Three?']);
  await Promise.all([ada.settled(), ben.settled()]);
  assert.equal(ben.shown()[0], 'Two?');
  assert.equal(ada.shown()[0], 'Three?');
  assert.equal(ada.shown().length, 2);
  assert.equal(JSON.parse(browser.map.get('chatconnect:pk') ?? '').who, 'ben');
});

test('a history that comes when the visitor is another one writes nothing', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const slow = slowly(gateway);
  const nobody = await openPage(slow, browser);

  ask(nobody, ['One?']);
  await nobody.settled();
  slow.hold();
  nobody.conversation.load();
  await moments(5);
  nobody.conversation.leave();
  const ada = await openPage(gateway, browser, { who: 'ada', tab: nobody.tab });

  slow.release();
  await moments(10);
  ask(ada, ['Two?']);
  await ada.settled();
  ada.leave();
  const again = await openPage(gateway, browser, { who: 'ada' });

  assert.equal(again.shown()[0], 'Two?');
  assert.deepEqual(again.shown(), said(gateway).slice(2));
});

test('a conversation that was deleted without a network is deleted when it is back, over a reload too', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  let page = await openPage(gateway, browser);

  ask(page, ['One?']);
  await page.settled();
  const { sessionId } = page.store.get();

  gateway.down = true;
  browser.setOnline(false);
  assert.equal(await page.conversation.forget(), false);
  assert.deepEqual(page.shown(), []);
  page.leave();
  page = await openPage(gateway, browser);
  assert.deepEqual(page.shown(), []);
  assert.equal(gateway.erased.size, 0);
  gateway.down = false;
  browser.setOnline(true);
  await moments(20);
  assert.ok(gateway.erased.has(sessionId));
  assert.deepEqual(page.store.get().gone, []);
});

test('a full storage costs the page nothing', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const page = await openPage(gateway, browser);

  ask(page, ['One?']);
  await moments(6);
  page.tab.full = true;
  ask(page, ['Two?', 'Three?']);
  await page.settled();
  assert.deepEqual(page.shown(), said(gateway));
  assert.equal(gateway.told.size, 3);
  page.tab.full = false;
  ask(page, ['Four?']);
  await page.settled();
  const again = await openPage(gateway, browser);

  assert.deepEqual(again.shown(), said(gateway));
});

test('twenty wait, the next one is not taken', async () => {
  const gateway = createGateway();
  const page = await openPage(gateway, createBrowser());

  gateway.down = true;
  for (let n = 0; n < 21; n += 1) assert.equal(page.conversation.ask(`${n}?`), true);
  assert.equal(page.conversation.ask('One too many'), false);
  assert.equal(page.shown().length, 42);
  page.leave();
});

test('one that was never sent can be stopped, and the next one goes', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const page = await openPage(gateway, browser);

  browser.setOnline(false);
  gateway.down = true;
  ask(page, FIVE.slice(0, 2));
  await moments(10);
  await page.conversation.stop();
  await moments(10);
  gateway.down = false;
  browser.setOnline(true);
  await page.settled();
  assert.deepEqual([...gateway.told.values()].map((one) => one.question), ['Two?']);
});

test('a page that is gone asks nothing any more', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const page = await openPage(gateway, browser);

  ask(page, FIVE);
  await moments(8);
  page.conversation.leave();
  const calls = gateway.calls.length;

  browser.setOnline(false);
  browser.setOnline(true);
  page.tab.hide(true);
  page.tab.hide(false);
  await moments(50);
  assert.equal(gateway.calls.length, calls);
});

test('an answer that ends while the history is read stays', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const slow = slowly(gateway);
  const page = await openPage(slow, browser);

  ask(page, ['One?']);
  while (!page.entries()[1].answer.text) await tick();
  slow.hold();
  createStore('pk', '', () => browser.openTab().storage).set({ last: 'ans_9' });
  await page.settled();
  slow.release();
  await moments(10);
  assert.deepEqual(page.shown(), said(gateway));
});

test('two tabs that ask their first question at once lose none', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const a = await openPage(gateway, browser);
  const b = await openPage(gateway, browser);
  const { storage } = b.tab;
  const { getItem, setItem } = storage;

  // The second has not heard of what the first has just written, and writes over it.
  storage.getItem = () => null;
  storage.setItem = (/** @type {string} */ key, /** @type {string} */ text) => {
    setItem(key, text);
    storage.getItem = getItem;
  };
  ask(a, ['One?']);
  ask(b, ['Two?']);
  await moments(5);
  await Promise.all([a.settled(), b.settled()]);
  await moments(40);
  const shown = [...gateway.told.values()].filter((one) => one.sessionId === b.store.get().sessionId).flatMap((one) => [one.question, one.text]);

  assert.deepEqual(a.shown().filter((_, n) => n % 2 === 0).sort(), ['One?', 'Two?']);
  assert.deepEqual(a.shown(), shown);
  assert.deepEqual(b.shown(), shown);
});

test('what was stopped in one tab before it was sent is not sent by another', async () => {
  const gateway = createGateway();
  const browser = createBrowser();
  const a = await openPage(gateway, browser);
  const b = await openPage(gateway, browser);

  browser.setOnline(false);
  gateway.down = true;
  ask(a, FIVE.slice(0, 2));
  await moments(20);
  await a.conversation.stop();
  await moments(20);
  gateway.down = false;
  browser.setOnline(true);
  await Promise.all([a.settled(), b.settled()]);
  await moments(40);
  assert.deepEqual([...gateway.told.values()].map((one) => one.question), ['Two?']);
});
