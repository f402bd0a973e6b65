import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, HOSTED, inForms } from '../support/inForms.mjs';

const MOST_TABS = 40;

/** What has the focus, inside the widget too. @param {any} chat @returns {Promise<string>} */
const focused = (chat) =>
  chat.evaluate(() => {
    const inner = window.told.root().activeElement ?? document.activeElement;

    return `${inner?.localName}.${inner?.className}`;
  });

/** Presses a key until the focus is on such a thing. @param {any} chat @param {string} key @param {RegExp} wanted */
async function press(chat, key, wanted) {
  /** @type {string[]} */
  const seen = [];

  for (let i = 0; i < MOST_TABS; i += 1) {
    await chat.page.keyboard.press(key);
    seen.push(await focused(chat));
    if (wanted.test(seen[seen.length - 1])) return;
  }
  assert.fail(`${key} does not lead to ${wanted}: ${seen.join(', ')}`);
}

const everywhere = inForms(ALL, {
  async 'what was typed stays when an answer comes, and a new line is not the end'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.slowKey);
    const { keyboard: keys } = chat.page;

    await chat.field.focus();
    await keys.type('First line');
    await keys.press('Shift+Enter');
    await keys.type('second line');
    assert.equal(await chat.field.inputValue(), 'First line\nsecond line');
    await keys.press('Enter');
    await chat.grown(10);
    await keys.type('half a quest');
    await chat.done();
    assert.equal(await chat.field.inputValue(), 'half a quest');
    assert.match(await focused(chat), /^textarea/);
  },
});

const guests = inForms(HOSTED, {
  async 'what was typed stays when the panel is closed and opened'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.field.fill('half a quest');
    await chat.page.keyboard.press('Escape');
    await chat.panel.waitFor({ state: 'hidden' });
    await chat.page.keyboard.press('Enter');
    await chat.panel.waitFor();
    assert.equal(await chat.field.inputValue(), 'half a quest');
    assert.match(await focused(chat), /^textarea/);
  },

  async 'on a narrow screen the panel is the whole screen and Tab stays in it'({ config, newChat }) {
    const chat = await (await newChat({ viewport: { width: 390, height: 844 } })).visit(config.url, config.key);

    assert.deepEqual(await chat.panel.boundingBox(), { x: 0, y: 0, width: 390, height: 844 });
    assert.equal(await chat.panel.getAttribute('aria-modal'), 'true');
    const places = new Set();
    for (let i = 0; i < 16; i += 1) {
      await chat.page.keyboard.press('Tab');
      places.add(await focused(chat));
      assert.equal(await chat.page.evaluate(() => document.activeElement?.localName), 'chat-connect');
    }
    assert.ok(places.size >= 3, [...places].join(', '));
  },

  async 'keys typed into the chat are no shortcuts of the page'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.page.evaluate(() => {
      window.keys = 0;
      document.addEventListener('keydown', () => (window.keys += 1));
    });
    await chat.field.pressSequentially('abc');
    assert.equal(await chat.field.inputValue(), 'abc');
    assert.equal(await chat.page.evaluate(() => window.keys), 0);
  },
});

export const keyboard = [...everywhere, ...guests];
