import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';

/** Keeps every text that the last answer ever showed. */
function watchTexts() {
  const root = window.told.root();

  window.texts = [];
  new MutationObserver(() => {
    const text = [...root.querySelectorAll('.entries .words')].pop()?.textContent ?? '';

    if (text && text !== window.texts[window.texts.length - 1]) window.texts.push(text);
  }).observe(root, { subtree: true, childList: true, characterData: true });
}

export const streaming = inForms(ALL, {
  async 'tokens arrive one after another, sources stand under the answer'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const question = fresh(config.question);

    await chat.evaluate(watchTexts);
    await chat.ask(question);
    await chat.done();

    const texts = await chat.evaluate(() => window.texts);
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

    const titles = await chat.last.locator('.title').allTextContents();
    await chat.reload();
    await chat.done();
    assert.deepEqual(await chat.last.locator('.title').allTextContents(), titles, 'sources after a reload');
  },

  async 'a slow answer is shown as it grows, and the history tells it after a reload'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.slowKey);
    const question = fresh('Count for me.');

    await chat.evaluate(watchTexts);
    await chat.ask(question);
    await chat.done();
    assert.ok((await chat.evaluate(() => window.texts.length)) >= 20);
    const text = await chat.assertExactlyOnce(question);

    await chat.reload();
    await chat.done();
    assert.equal(await chat.text(), text);
  },

  async 'two questions are one conversation'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    for (const question of [config.question, 'And what else?']) {
      await chat.ask(question);
      await chat.done();
    }
    assert.deepEqual((await chat.history()).map((item) => item.role), ['user', 'assistant', 'user', 'assistant']);
  },
});
