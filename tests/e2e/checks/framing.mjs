import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { ONCE, inForms } from '../support/inForms.mjs';
import { register } from '../support/register.mjs';

/** The documents that stand in the page's frames; one that the browser has kept out is an error page. @param {any} page */
const framed = (page) => page.frames().slice(1).map((/** @type {any} */ frame) => frame.url());

/** Until the bot's page says that this is who may frame it. @param {string} address @param {RegExp} wanted */
async function untilPolicy(address, wanted) {
  const until = Date.now() + 6000;

  for (;;) {
    const policy = String((await fetch(address)).headers.get('content-security-policy'));

    if (wanted.test(policy)) return;
    assert.ok(Date.now() < until, policy);
  }
}

export const framing = inForms(ONCE, {
  async 'a site that is not on the list can frame neither the chat nor its page; one that is on it can'({ config, site, newPage }) {
    const owner = await register(config.url);
    const addresses = ['embed', 'chat'].map((form) => `${config.url}/${form}/${owner.botId}`);

    await owner.setBot({ allowedOrigins: ['https://elsewhere.example'] });
    for (const address of addresses) {
      await untilPolicy(address, /frame-ancestors[^;]*https:\/\/elsewhere\.example/);
      const page = await newPage();

      await page.goto(site.address('framer', address));
      assert.ok(framed(page).every((/** @type {string} */ url) => url.startsWith('chrome-error:')), `framed: ${framed(page)}`);
    }
    const page = await newPage();
    const said = page.waitForEvent('console', (/** @type {any} */ message) => message.text().startsWith('ChatConnect'));

    await page.goto(site.address('plain', config.url, { 'data-api-key': owner.key, 'data-mode': 'iframe' }));
    await said;
    assert.equal(await page.locator('chat-connect iframe').count(), 0, 'and nothing is left of it');

    await owner.setBot({ allowedOrigins: [site.origin] });
    for (const address of addresses) {
      await untilPolicy(address, /frame-ancestors[^;]*127\.0\.0\.1/);
      const allowed = await newPage();

      await allowed.goto(site.address('framer', address));
      assert.deepEqual(framed(allowed), [address]);
    }
    const chat = await new Chat(await newPage(), 'frame', site).visit(config.url, owner.key);

    await chat.ask('Are you there?');
    await chat.done();
  },

  async 'strangers of another origin in the same page are heard neither by the frame nor by the loader'({ config, site, newPage }) {
    const chat = new Chat(await newPage(), 'frame', site);

    await chat.arrive(config.url, config.key);
    await chat.bubble.waitFor();
    await chat.page.evaluate((/** @type {string} */ src) => {
      const frame = document.createElement('iframe');

      window.heard = [];
      window.ChatConnect.on('answer', (detail) => window.heard.push(detail));
      frame.src = src;
      document.body.append(frame);
      return new Promise((resolve) => (frame.onload = resolve));
    }, site.address('plain', '').replace('127.0.0.1', 'localhost'));
    const stranger = chat.page.frames().find((/** @type {any} */ frame) => frame.url().includes('localhost'));

    await stranger.evaluate(() => {
      const calls = ['open', 'ask', 'unmount'].map((name, id) => ({ cc: 'call', id, name, argument: 'What are my secrets?' }));

      for (let i = 0; i < parent.frames.length; i += 1) for (const call of [...calls, { cc: 'hello', dataset: {} }]) parent.frames[i].postMessage(call, '*');
      parent.postMessage({ cc: 'event', name: 'answer', detail: { text: 'a lie' } }, '*');
      parent.postMessage({ cc: 'event', name: 'box', detail: { open: true, left: false, width: 900, height: 900 } }, '*');
    });
    // What was said before has been heard when this has been done.
    await chat.page.evaluate(() => window.ChatConnect.close());
    assert.equal(await chat.panel.isVisible(), false);
    assert.deepEqual(await chat.page.evaluate(() => window.heard), []);
    await chat.open();
    assert.equal(await chat.questions.count(), 0);
  },
});
