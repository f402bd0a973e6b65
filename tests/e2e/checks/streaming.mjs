import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';

/** Keeps every text that the last answer ever showed. */
function watchTexts() {
  const root = document.querySelector('chat-connect').shadowRoot;

  window.texts = [];
  new MutationObserver(() => {
    const text = [...root.querySelectorAll('.entries .words')].pop()?.textContent ?? '';

    if (text && text !== window.texts[window.texts.length - 1]) window.texts.push(text);
  }).observe(root, { subtree: true, childList: true, characterData: true });
}

/** @param {object} look @returns {(tools: any) => Promise<void>} */
function screenshot({ file, query = '', question, ...options }) {
  return async ({ config, newPage }) => {
    const page = await newPage(options);
    const chat = await new Chat(page).visit(config.url, config.key, query);

    await chat.ask(question ?? config.question);
    await chat.done();
    const source = chat.last.locator('summary').first();

    if (await source.count()) await source.click();
    await page.screenshot({ path: join(config.shots, file) });
  };
}

export const streaming = {
  async 'tokens arrive one after another, sources stand under the answer'({ config, newPage }) {
    const page = await newPage();
    const chat = await new Chat(page).visit(config.url, config.key);
    const question = fresh(config.question);

    await page.evaluate(watchTexts);
    await chat.ask(question);
    await chat.done();

    const texts = await page.evaluate(() => window.texts);
    // Closing a mark of Markdown makes a text a little shorter: those do not count.
    const growing = texts.filter((text, i) => texts.slice(0, i).every((before) => before.length < text.length));
    assert.ok(growing.length >= 3, `only ${growing.length} growing texts of ${texts.length} seen`);

    const source = chat.last.locator('.source').first();
    const snippet = source.locator('.snippet');
    assert.match(await source.locator('.title').innerText(), /\S/);
    assert.equal(await snippet.isVisible(), false);
    await source.locator('summary').click();
    assert.match(await snippet.innerText(), /\S{3}/);
    await chat.assertExactlyOnce(question);
    await page.screenshot({ path: join(config.shots, 'answer.png') });

    const titles = await chat.last.locator('.title').allTextContents();
    await page.reload();
    await chat.open();
    await chat.done();
    assert.deepEqual(await chat.last.locator('.title').allTextContents(), titles, 'sources after a reload');
  },

  async 'a slow answer is shown as it grows, and the history tells it after a reload'({ config, newPage }) {
    const page = await newPage();
    const chat = await new Chat(page).visit(config.url, config.slowKey);
    const question = fresh('Count for me.');

    await page.evaluate(watchTexts);
    await chat.ask(question);
    await chat.done();
    assert.ok((await page.evaluate(() => window.texts.length)) >= 20);
    const text = await chat.assertExactlyOnce(question);

    await page.reload();
    await chat.open();
    await chat.done();
    assert.equal(await chat.text(), text);
  },

  async 'two questions are one conversation'({ config, newPage }) {
    const chat = await new Chat(await newPage()).visit(config.url, config.key);

    for (const question of [config.question, 'And what else?']) {
      await chat.ask(question);
      await chat.done();
    }
    assert.deepEqual((await chat.history()).map((item) => item.role), ['user', 'assistant', 'user', 'assistant']);
  },

  'screenshot: light': screenshot({ file: 'light.png' }),
  'screenshot: dark': screenshot({ file: 'dark.png', colorScheme: 'dark' }),
  'screenshot: narrow': screenshot({ file: 'narrow.png', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }),
  'screenshot: right to left': screenshot({ file: 'rtl.png', query: '&locale=ar' }),
};
