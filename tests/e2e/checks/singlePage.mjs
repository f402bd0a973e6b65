import assert from 'node:assert/strict';
import { HOSTED, inForms } from '../support/inForms.mjs';

const MOUNTS = 50;
/** Two of either kind, so that what is loaded once is there when it is first counted. */
const WARM = 4;
const NODES = 100;
const LISTENERS = 20;
const HEAP = 1024 * 1024;

/** What the browser holds after it has thrown away what it can. @param {any} session of DevTools */
async function holdings(session) {
  await session.send('HeapProfiler.enable');
  for (let i = 0; i < 3; i += 1) await session.send('HeapProfiler.collectGarbage');
  const { documents, nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  const { usedSize } = await session.send('Runtime.getHeapUsage');

  return { documents, nodes, jsEventListeners, usedSize };
}

/** @param {any} page @param {any} chat @param {number} times */
async function comeAndGo(page, chat, times) {
  for (let i = 0; i < times; i += 1) {
    await page.evaluate(() => window.enter());
    await page.evaluate(() => window.ChatConnect.open());
    await chat.field.waitFor();
    await page.evaluate((/** @type {boolean} */ rough) => (rough ? window.leaveRoughly() : window.leave()), i % 2 === 1);
    await page.locator('chat-connect').waitFor({ state: 'detached' });
  }
}

/** @param {any} tools @param {number} times @param {(page: any) => Promise<any>} [before] @returns {Promise<Record<string, number>>} what is held more than before */
async function grown({ config, newChat }, times, before = async () => {}) {
  const chat = await newChat();

  await chat.arrive(config.url, config.key, { page: 'spa' });
  const session = await chat.page.context().newCDPSession(chat.page);

  await comeAndGo(chat.page, chat, WARM);
  await before(chat.page);
  const first = await holdings(session);
  await comeAndGo(chat.page, chat, times);
  const last = await holdings(session);

  assert.equal(await chat.page.evaluate(() => window.ChatConnect), undefined);
  return Object.fromEntries(Object.entries(last).map(([name, value]) => [name, value - first[/** @type {keyof typeof first} */ (name)]]));
}

/** @param {Record<string, number>} more */
function assertLittle(more) {
  const { documents, nodes, jsEventListeners, usedSize } = more;

  assert.ok(documents <= 0 && nodes <= NODES && jsEventListeners <= LISTENERS && usedSize <= HEAP, `held after ${MOUNTS} mounts: ${JSON.stringify(more)}`);
}

const guests = inForms(HOSTED, {
  async 'an application of one page mounts it fifty times and nothing stays behind'(tools) {
    assertLittle(await grown(tools, MOUNTS));
  },

  async 'mounted again it goes on with the same conversation'({ config, newChat }) {
    const chat = await newChat();

    await chat.arrive(config.url, config.slowKey, { page: 'spa' });
    await chat.page.evaluate(() => window.enter());
    await chat.open();
    await chat.ask('Count while the views change.');
    await chat.grown(30);
    await chat.page.evaluate(() => window.leave());
    await chat.page.evaluate(() => window.enter());
    await chat.open();
    await chat.done();
    await chat.assertExactlyOnce('Count while the views change.');
  },
});

const planted = inForms(['bubble'], {
  async 'what stays behind is noticed by these checks'(tools) {
    const more = await grown(tools, 6, (page) =>
      page.evaluate(() => {
        window.kept = [];
        new MutationObserver((records) => {
          for (const { addedNodes } of records) window.kept.push(...addedNodes);
        }).observe(document.body, { childList: true });
      }),
    );

    assert.throws(() => assertLittle(more));
  },
});

export const singlePage = [...guests, ...planted];
