import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';

/** What has the focus, inside the widget too. */
const focused = (/** @type {any} */ page) =>
  page.evaluate(() => {
    const outer = document.activeElement;
    const inner = outer?.shadowRoot?.activeElement ?? outer;

    return `${inner.localName}.${inner.className}`;
  });

export const keyboard = {
  async 'a visitor without a mouse opens, asks, reads a source, closes'({ config, newPage }) {
    const page = await newPage({ viewport: { width: 1000, height: 800 } });

    await page.goto(`${config.url}/demo?key=${config.key}`);
    const chat = new Chat(page);
    await chat.bubble.waitFor();
    for (let i = 0; i < 30 && !(await focused(page)).includes('bubble'); i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await chat.panel.waitFor();
    assert.match(await focused(page), /^textarea/);

    await page.keyboard.type(config.question);
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('Please.');
    assert.equal(await chat.field.inputValue(), `${config.question}\nPlease.`);
    await page.keyboard.press('Enter');
    await chat.done();
    assert.match(await focused(page), /^textarea/);

    for (let i = 0; i < 30 && !(await focused(page)).startsWith('summary'); i += 1) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await chat.last.locator('.source[open]').waitFor();

    await page.keyboard.press('Escape');
    await chat.panel.waitFor({ state: 'hidden' });
    assert.match(await focused(page), /^button\.bubble/);
    assert.equal(await chat.bubble.getAttribute('aria-expanded'), 'false');
  },

  async 'what was typed stays when the panel is closed and opened'({ config, newPage }) {
    const chat = await new Chat(await newPage()).visit(config.url, config.key);

    await chat.field.fill('half a quest');
    await chat.page.keyboard.press('Escape');
    await chat.page.keyboard.press('Enter');
    await chat.panel.waitFor();
    assert.equal(await chat.field.inputValue(), 'half a quest');
    assert.match(await focused(chat.page), /^textarea/);
  },

  async 'on a narrow screen the panel is the whole screen and Tab stays in it'({ config, newPage }) {
    const page = await newPage({ viewport: { width: 390, height: 844 } });
    const chat = await new Chat(page).visit(config.url, config.key);
    const box = await chat.panel.boundingBox();

    assert.deepEqual(box, { x: 0, y: 0, width: 390, height: 844 });
    assert.equal(await chat.panel.getAttribute('aria-modal'), 'true');
    const places = new Set();
    for (let i = 0; i < 16; i += 1) {
      await page.keyboard.press('Tab');
      places.add(await focused(page));
      assert.equal(await page.evaluate(() => document.activeElement?.localName), 'chat-connect');
    }
    assert.ok(places.size >= 3);
  },

  async 'screen readers hear that an answer comes and then all of it, not every token'({ config, newPage }) {
    const page = await newPage();
    const chat = await new Chat(page).visit(config.url, config.slowKey);

    await page.evaluate(() => {
      const region = document.querySelector('chat-connect').shadowRoot.querySelector('[role="status"]');

      window.heard = [];
      new MutationObserver(() => window.heard.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
    });
    await chat.ask(fresh('Count for me.'));
    await chat.done();
    const text = await chat.text();
    const heard = await page.evaluate(() => window.heard);

    assert.equal(heard.length, 2, JSON.stringify(heard));
    assert.equal(heard[1], text);
  },

  async 'keys typed into the chat are no shortcuts of the page'({ config, newPage }) {
    const page = await newPage();
    const chat = await new Chat(page).visit(config.url, config.key);

    await page.evaluate(() => {
      window.keys = 0;
      document.addEventListener('keydown', () => (window.keys += 1));
    });
    await chat.field.pressSequentially('abc');
    assert.equal(await page.evaluate(() => window.keys), 0);
  },
};
