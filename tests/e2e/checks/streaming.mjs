import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';

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

  async 'what comes in a lump is written calmly, all of it, and at once for who wants no movement'({ config, newChat }) {
    const proxy = await openProxy(config.url);
    const text = 'A lump of words that came all at once. '.repeat(12).trim();
    const lump = ['accepted', 'start', 'token'].map((name, i) => `${i ? `id: 1-${i}\n` : ''}event: ${name}\ndata: ${JSON.stringify({ answerId: 'ans_told', sessionId: 'ses_told', position: 0, attempt: 1, text })}\n\n`);

    try {
      for (const [reducedMotion, least, most] of [['no-preference', 4, 60], ['reduce', 1, 1]]) {
        /** @type {any} */
        let open = null;
        const chat = await newChat({ reducedMotion });

        proxy.answerWith((request, response) => {
          if (!request.url?.endsWith('/chat/stream')) return false;
          request.resume();
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(lump.join(''));
          open = response;
          return true;
        });
        await chat.visit(proxy.url, config.key);
        await chat.evaluate(watchTexts);
        await chat.ask('Well?');
        await chat.grown(text.length);
        const texts = await chat.evaluate(() => window.texts);

        assert.ok(texts.length >= least && texts.length <= most, `${reducedMotion}: written in ${texts.length} steps`);
        assert.equal(await chat.words.innerText(), text);
        open.end(`id: 1-9\nevent: done\ndata: ${JSON.stringify({ text, finishReason: 'stop' })}\n\n`);
        await chat.done();
      }
    } finally {
      await proxy.close();
    }
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
