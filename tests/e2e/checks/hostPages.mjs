import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { HOSTED, ONCE, inForms } from '../support/inForms.mjs';

/** Asks in a page of pages/ and sees that it works as anywhere. @param {any} chat @param {string} question */
async function assertAnswers(chat, question) {
  await chat.ask(question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  assert.match(await chat.last.locator('.snippet').first().innerText(), /\S{3}/);
  await chat.assertExactlyOnce(question);
}

/** The styles did apply, and only ours. @param {any} chat */
async function assertOwnLooks(chat) {
  const { width, height } = chat.page.viewportSize();
  const panel = await chat.panel.boundingBox();
  const styles = await chat.panel.evaluate((/** @type {Element} */ element) => {
    const { fontSize, opacity, visibility, display, position } = getComputedStyle(element);

    return { fontSize, opacity, visibility, position, shown: display !== 'none' };
  });
  const hit = await chat.page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.localName, [panel.x + panel.width / 2, panel.y + panel.height / 2]);

  assert.ok(panel.width >= 300 && panel.height >= 400, `the panel is ${panel.width} x ${panel.height}`);
  assert.ok(panel.x >= 0 && panel.y >= 0 && panel.x + panel.width <= width && panel.y + panel.height <= height, `the panel is at ${panel.x}, ${panel.y}`);
  assert.deepEqual(styles, { fontSize: '15px', opacity: '1', visibility: 'visible', position: styles.position, shown: true });
  assert.equal(hit, 'chat-connect', 'what lies where the panel is');
}

/** @param {string} page @returns {(tools: any) => Promise<void>} */
const underPolicy = (page) => async ({ config, form, newChat }) => {
  const chat = await newChat();
  /** @type {string[]} */
  const complaints = [];

  chat.page.on('console', (/** @type {any} */ message) => /Content Security Policy|TrustedScript|TrustedHTML/i.test(message.text()) && complaints.push(message.text()));
  await chat.visit(config.url, config.key, { page: page === 'policy' && form === 'frame' ? 'policy-frame' : page, ...(page === 'nonce' && { nonce: 'bm9uY2U' }) });
  await assertAnswers(chat, config.question);
  assert.deepEqual((await chat.told()).violations, []);
  assert.deepEqual(complaints, []);
  await assertOwnLooks(chat);
};

/** @param {string} page @returns {(tools: any) => Promise<void>} */
const underStyles = (page) => async ({ config, newChat }) => {
  const chat = await newChat();

  await chat.arrive(config.url, config.key, { page });
  await chat.bubble.waitFor();
  const bubble = await chat.bubble.boundingBox();

  assert.deepEqual([bubble.width, bubble.height], [60, 60]);
  assert.equal(bubble.x + bubble.width, chat.page.viewportSize().width - 24);
  await chat.bubble.click();
  await chat.panel.waitFor();
  await assertOwnLooks(chat);
  await assertAnswers(chat, config.question);
  await chat.page.keyboard.press('Escape');
  await chat.panel.waitFor({ state: 'hidden' });
};

const guests = inForms(HOSTED, {
  'a page with a nonce and Trusted Types: no violation': underPolicy('nonce'),
  'a page that names our host and nothing else: no violation': underPolicy('policy'),
  'styles for everything do not reach the widget': underStyles('styles'),
  'a page that unsets everything does not reach the widget': underStyles('unset'),

  async 'a page that has changed Array, Object, JSON and fetch: the widget has its own'({ config, newChat }) {
    const chat = await newChat();
    /** @type {string[]} */
    const thrown = [];

    chat.page.on('pageerror', (/** @type {any} */ error) => thrown.push(String(error)));
    await chat.arrive(config.url, config.key, { page: 'prototypes' });
    await chat.bubble.click();
    await chat.panel.waitFor();
    await chat.ask(config.question);
    await chat.done();
    await chat.last.locator('summary').first().click();
    assert.match(await chat.words.innerText(), /\S{3}/);
    assert.deepEqual(thrown, []);
    assert.equal(await chat.page.locator('html').getAttribute('data-misused'), null, 'what the page has changed was called');
  },

  async 'the page can neither see into the widget nor get two of the same'({ config, form, site, newPage }) {
    const page = await newPage({ closed: true });
    const mode = form === 'frame' ? { 'data-mode': 'iframe' } : {};
    const script = { 'data-api-key': config.key, ...mode };

    await page.goto(site.address('two', config.url, script, script));
    await page.evaluate(() => window.ChatConnect.open());
    const seen = await page.evaluate(() => {
      const hosts = [...document.querySelectorAll('chat-connect')];

      return { count: hosts.length, root: hosts[0].shadowRoot, text: hosts[0].textContent, children: hosts[0].childNodes.length, frames: document.querySelectorAll('iframe').length };
    });

    assert.deepEqual(seen, { count: 1, root: null, text: '', children: 0, frames: 0 });
  },
});

const once = inForms(ONCE, {
  async 'a page that forbids scripts is noticed by these checks'({ config, newPage, site }) {
    const chat = new Chat(await newPage(), 'bubble', site);

    await chat.arrive(config.url, config.key, { page: 'blocked' });
    await chat.page.waitForFunction(() => window.told.violations.length > 0);
    assert.equal(await chat.page.locator('chat-connect').count(), 0);
  },

  async 'a key that nobody has shows nothing and says so to the developer'({ config, newPage }) {
    const page = await newPage();
    const [said] = await Promise.all([
      page.waitForEvent('console', (/** @type {any} */ message) => message.text().startsWith('ChatConnect')),
      page.goto(`${config.url}/demo?key=pk_live_nobody`),
    ]);

    assert.ok(said);
    assert.equal(await page.locator('.bubble').count(), 0);
  },

  async 'the demo page shows the widget'({ config, newPage, site }) {
    const chat = new Chat(await newPage(), 'bubble', site);

    await chat.page.goto(`${config.url}/demo?key=${config.key}`);
    Object.assign(chat, { url: config.url, key: config.key });
    await chat.panel.waitFor();
    await assertAnswers(chat, config.question);
  },
});

export const hostPages = [...guests, ...once];
