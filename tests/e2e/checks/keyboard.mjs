import assert from 'node:assert/strict';
import { ALL, HOSTED, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';
import { rich } from '../support/walkScreens.mjs';

const MOST_TABS = 40;

/** What has the focus, inside the widget too. @param {any} chat @returns {Promise<string>} */
const focused = (chat) =>
  chat.evaluate(() => {
    const inner = window.told.root().activeElement ?? document.activeElement;
    const name = inner?.getAttribute('aria-label') || inner?.labels?.[0]?.textContent || inner?.textContent || '';

    return `${inner?.localName}.${inner?.className} ${name.trim().slice(0, 40)}`;
  });

/** Whoever sees sees where the focus is: a line around the element, or around the box that it is in. @param {any} chat @param {string} where */
async function assertVisible(chat, where) {
  const drawn = await chat.evaluate(() => {
    let element = window.told.root().activeElement;

    for (let i = 0; element && i < 4; i += 1, element = element.parentElement) {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);

      if (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) return true;
    }
    return false;
  });

  assert.ok(drawn, `the focus cannot be seen on ${where}`);
}

/** Presses a key until the focus is on such a thing. @param {any} chat @param {string} key @param {RegExp} wanted */
async function press(chat, key, wanted) {
  /** @type {string[]} */
  const seen = [];

  for (let i = 0; i < MOST_TABS; i += 1) {
    await chat.page.keyboard.press(key);
    seen.push(await focused(chat));
    if (wanted.test(seen[seen.length - 1])) return assertVisible(chat, seen[seen.length - 1]);
  }
  assert.fail(`${key} does not lead to ${wanted}: ${seen.join(', ')}`);
}

/** Fills the form before the first question. @param {any} chat */
async function fillForm(chat) {
  const { keyboard: keys } = chat.page;

  await keys.type('Ada');
  await keys.press('Enter');
  assert.match(await focused(chat), /^input.*e-mail/, 'the first wrong field has the focus');
  await keys.type('ada@people.example');
  await press(chat, 'Tab', /^select/);
  await keys.press('ArrowDown');
  await press(chat, 'Tab', /^input.*agree/);
  await keys.press('Space');
  await press(chat, 'Tab', /^button.*Start/);
  await keys.press('Enter');
  await chat.field.waitFor();
}

/** From the field to one in the menu. @param {any} chat @param {RegExp} item */
async function chooseByKeys(chat, item) {
  await press(chat, 'Shift+Tab', /^button.*More options/);
  await chat.page.keyboard.press('Enter');
  await press(chat, 'Tab', item);
  await chat.page.keyboard.press('Enter');
}

const everywhere = inForms(ALL, {
  async 'a visitor without a mouse does all that there is to do'({ config, form, newChat }) {
    const proxy = await openProxy(config.url);
    const chat = await newChat();
    const { keyboard: keys } = chat.page;

    try {
      proxy.answerWith(rich(config));
      await chat.arrive(proxy.url, config.key);
      if (form !== 'page') {
        await chat.bubble.waitFor();
        await press(chat, 'Tab', /^button.bubble/);
        await keys.press('Enter');
      } else await press(chat, 'Tab', /^input.*Your name/);
      await chat.inside.locator('.sheet input').first().waitFor();
      assert.match(await focused(chat), /^input.*Your name/, 'what is to be filled in has the focus');
      await fillForm(chat);
      assert.match(await focused(chat), /^textarea/, 'and then the field');

      await keys.type(config.question);
      await keys.press('Enter');
      await chat.done();
      assert.match(await focused(chat), /^textarea/);
      await press(chat, 'Shift+Tab', /^button.*Not helpful/);
      await keys.press('Enter');
      assert.match(await focused(chat), /^textarea.*tell us more/);
      await keys.type('Too short.');
      await press(chat, 'Tab', /^button.*Send/);
      await keys.press('Enter');
      await chat.last.getByText('Thank you!').waitFor();
      await press(chat, 'Shift+Tab', /^summary/);
      await keys.press('Enter');
      await chat.last.locator('.source[open]').waitFor();

      await chooseByKeys(chat, /^button.*Talk to a person/);
      assert.match(await focused(chat), /^input.*E-mail/);
      await keys.press('Escape');
      await chat.field.waitFor();
      await chooseByKeys(chat, /^button.*Delete conversation/);
      await chat.inside.locator('.sheet').getByRole('button', { name: 'Delete conversation' }).waitFor();
      if (!/^button.*Delete/.test(await focused(chat))) await press(chat, 'Tab', /^button.*Delete/);
      await keys.press('Enter');
      await chat.questions.first().waitFor({ state: 'detached' });
      if (form === 'page') return;
      await keys.press('Escape');
      await chat.panel.waitFor({ state: 'hidden' });
      assert.match(await focused(chat), /^button.bubble/);
      assert.equal(await chat.bubble.getAttribute('aria-expanded'), 'false');
    } finally {
      await proxy.close();
    }
  },

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
