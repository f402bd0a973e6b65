import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Chat } from '../support/Chat.mjs';
import { fresh } from '../support/fresh.mjs';
import { HOSTED, inForms } from '../support/inForms.mjs';
import { register } from '../support/register.mjs';

const EVENTS = ['ready', 'open', 'close', 'question', 'answer', 'error', 'identify'];

/** Writes down what the widget tells the page. @param {any} page */
const listen = (page) =>
  page.evaluate((/** @type {string[]} */ names) => {
    window.heard = [];
    window.offs = names.map((name) => window.ChatConnect.on(name, (detail) => window.heard.push([name, detail])));
  }, EVENTS);

/** Until it has told so. @param {any} page @param {string} name @returns {Promise<any>} the last detail */
async function until(page, name) {
  await page.waitForFunction((/** @type {string} */ wanted) => window.heard.some(([heard]) => heard === wanted), name);
  return page.evaluate((/** @type {string} */ wanted) => window.heard.filter(([heard]) => heard === wanted).pop()[1], name);
}

/** A bot whose visitors may be signed, and the signatures. @param {string} url */
async function openSigned(url) {
  const owner = await register(url);

  await owner.call('PUT', `/api/bots/${owner.botId}`, { allowedOrigins: ['*'], identity: 'optional' });
  const { secret } = await owner.call('GET', `/api/bots/${owner.botId}/identity`);
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const sign = (/** @type {string} */ user) => ({ user, exp: String(exp), hash: createHmac('sha256', secret).update(`${user}.${exp}`).digest('hex') });

  return { owner, sign };
}

export const api = inForms(HOSTED, {
  async 'a page opens it, asks, is told what happens, and takes it away'({ config, newChat }) {
    const chat = await newChat();
    const { page } = chat;
    const question = fresh('What does the page want to know?');

    await chat.arrive(config.url, config.key);
    await listen(page);
    await page.evaluate(() => window.ChatConnect.open());
    await chat.panel.waitFor();
    await page.evaluate((/** @type {string} */ text) => window.ChatConnect.ask(text), question);
    const { text, answerId } = await until(page, 'answer');

    await chat.done();
    assert.equal(text, await chat.assertExactlyOnce(question));
    assert.match(answerId, /^ans_/);
    assert.deepEqual(await until(page, 'question'), { text: question });
    await page.evaluate(() => window.ChatConnect.toggle());
    await chat.panel.waitFor({ state: 'hidden' });
    await page.evaluate(() => window.ChatConnect.toggle());
    await chat.panel.waitFor();
    await page.evaluate(() => window.ChatConnect.close());
    await chat.panel.waitFor({ state: 'hidden' });
    assert.deepEqual(await page.evaluate(() => window.heard.map(([name]) => name)), ['ready', 'open', 'question', 'answer', 'close', 'open', 'close']);

    await page.evaluate(() => window.offs.forEach((off) => off()));
    await page.evaluate(() => window.ChatConnect.open());
    await chat.panel.waitFor();
    assert.equal(await page.evaluate(() => window.heard.length), 7, 'nothing is told to one who has left');
    await page.evaluate(() => window.ChatConnect.unmount());
    assert.equal(await page.locator('chat-connect').count(), 0);
    assert.equal(await page.evaluate(() => typeof window.ChatConnect), 'undefined');
  },

  async 'who signs in finds his own conversation and nothing of who was there before'({ config, newChat }) {
    const { owner, sign } = await openSigned(config.url);
    const chat = await newChat();
    const identify = (/** @type {any} */ claim) => chat.page.evaluate((/** @type {any} */ who) => window.ChatConnect.identify(who), claim);
    const proof = ({ user, exp, hash }) => ({ 'x-visitor-id': user, 'x-visitor-exp': exp, 'x-visitor-hash': hash });
    const [ada, bob] = [sign('ada'), sign('bob')];

    await chat.visit(config.url, owner.key, { 'data-user': ada.user, 'data-user-exp': ada.exp, 'data-user-hash': ada.hash });
    await listen(chat.page);
    await chat.ask('The secret of Ada.');
    await chat.done();
    const hers = await chat.sessionId();
    assert.equal((await chat.history(proof(ada))).length, 2);

    await identify(bob);
    await until(chat.page, 'identify');
    await chat.questions.first().waitFor({ state: 'detached' });
    await chat.ask('The secret of Bob.');
    await chat.done();
    const his = await chat.sessionId();
    assert.notEqual(hers, his);
    assert.deepEqual((await chat.history(proof(bob))).map((/** @type {any} */ item) => item.text)[0], 'The secret of Bob.');
    for (const headers of [{}, proof(ada)]) {
      const refused = await fetch(`${config.url}/api/widget/sessions/${his}/messages`, { headers: { 'x-api-key': owner.key, origin: chat.site.origin, ...headers } });
      assert.equal(refused.status, 404);
    }

    await identify(null);
    await chat.questions.first().waitFor({ state: 'detached' });
    const kept = await chat.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.doesNotMatch(kept, /secret|ada|bob/i);
  },

  async 'two widgets of one page have each their place, their conversation and their own calls'({ config, form, site, newPage }) {
    const page = await newPage();
    const keys = [config.key, config.echoKey];
    const mode = form === 'frame' ? { 'data-mode': 'iframe' } : {};
    const chats = keys.map((key) => new Chat(page, form, site, `chat-connect[data-for="${key}"]`));

    await page.goto(site.address('two', config.url, ...keys.map((key) => ({ 'data-api-key': key, ...mode }))));
    for (const chat of chats) await chat.bubble.waitFor();
    const [a, b] = await Promise.all(chats.map((chat) => chat.bubble.boundingBox()));
    assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, `bubbles at ${JSON.stringify([a, b])}`);

    for (const [i, chat] of chats.entries()) {
      await chat.bubble.click();
      await chat.panel.waitFor();
      await chat.field.fill(`Only for number ${i}.`);
      await chat.field.press('Enter');
      await chat.done();
      await page.evaluate((/** @type {string} */ key) => window.ChatConnect.widgets[key].close(), keys[i]);
      await chat.panel.waitFor({ state: 'hidden' });
    }
    await page.evaluate((/** @type {string} */ key) => window.ChatConnect.widgets[key].open(), keys[1]);
    await chats[1].panel.waitFor();
    assert.equal(await chats[0].panel.isVisible(), false);
    assert.deepEqual(await chats[1].questions.locator('p').allTextContents(), ['Only for number 1.']);
    assert.match(await chats[1].words.innerText(), /^Only for number 1\./, 'the bot that says what it was asked');
    assert.equal(await page.evaluate((/** @type {string[]} */ [first]) => window.ChatConnect === window.ChatConnect.widgets[first], keys), true);
  },
});
