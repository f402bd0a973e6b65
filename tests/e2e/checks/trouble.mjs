import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { throughProxy } from '../support/throughProxy.mjs';

/** @param {number} status @param {object} headers @param {object} problem the first question is refused so */
function refuseOnce(status, headers, problem) {
  let refused = 0;

  return (/** @type {any} */ request, /** @type {any} */ response) => {
    if (!request.url.endsWith('/chat/stream') || refused > 0) return false;
    refused = Date.now();
    request.resume();
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers });
    response.end(JSON.stringify({ status, ...problem }));
    return true;
  };
}

/** @param {[string, string, object][]} events the next stream is this, and nothing else */
const tell = (events) => (/** @type {any} */ request, /** @type {any} */ response) => {
  if (!/\/stream(\?|$)/.test(request.url)) return false;
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [id, name, data] of events) response.write(`${id && `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  response.end();
  return true;
};

/** Keeps what the last answer says is going on. */
function watchStatus() {
  const status = [...window.told.root().querySelectorAll('.entries .status:not([role])')].pop();

  window.said = [status.textContent];
  new MutationObserver(() => window.said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
}

const ACCEPTED = ['', 'accepted', { answerId: 'ans_told', sessionId: 'ses_told', position: 0 }];

export const trouble = inForms(ALL, {
  async 'stop ends the answer, the text so far stays and one may go on'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.slowKey);

    await chat.ask(fresh('Count for me.'));
    await chat.grown(40);
    await chat.send.click();
    await chat.done();
    const text = await chat.text();

    assert.ok(text.length >= 40);
    assert.equal(await chat.send.getAttribute('aria-label'), 'Send');
    assert.notEqual(await chat.last.locator('.status:not([role])').innerText(), '');

    await chat.reload();
    await chat.done();
    assert.equal(await chat.text(), text, 'what was stored is what was shown');
  },

  async 'a wish to wait is honoured, then the answer comes by itself'(tools) {
    for (const [status, code] of [[429, 'rate_limited'], [503, 'busy']])
      await throughProxy(tools, tools.config.key, async (chat, proxy) => {
        const begun = Date.now();

        proxy.answerWith(refuseOnce(status, { 'retry-after': '3' }, { code, retryable: true }));
        await chat.ask(tools.config.question);
        await chat.last.locator('.status', { hasText: 'again in' }).waitFor();
        await chat.evaluate(watchStatus);
        assert.equal(await chat.last.locator('.problem').isVisible(), false, 'nothing has failed');
        await chat.done();
        const counted = (await chat.evaluate(() => window.said)).map((/** @type {string} */ text) => Number(/\d+/.exec(text)?.[0])).filter(Boolean);

        assert.ok(counted.length >= 2 && counted.every((/** @type {number} */ n, /** @type {number} */ i) => i === 0 || n < counted[i - 1]), `it counts down: ${counted}`);
        assert.ok(Date.now() - begun >= 3000, 'asked again too early');
        await chat.assertExactlyOnce(tools.config.question);
      });
  },

  async 'an answer that fails can be tried again'(tools) {
    await throughProxy(tools, tools.config.key, async (chat, proxy) => {
      proxy.answerWith(tell([ACCEPTED, ['1-1', 'start', { attempt: 1 }], ['1-2', 'error', { code: 'upstream_failed', status: 502, retryable: true }]]));
      await chat.ask(tools.config.question);
      await chat.last.locator('.retry').waitFor();
      proxy.answerWith(null);
      await chat.last.locator('.retry').click();
      await chat.done();
      assert.match(await chat.text(), /\S/);
    });
  },

  async 'a second attempt clears what the first had written'(tools) {
    await throughProxy(tools, tools.config.key, async (chat, proxy) => {
      proxy.answerWith(
        tell([
          ACCEPTED,
          ['1-1', 'start', { attempt: 1 }],
          ['1-2', 'token', { text: 'half a wrong ' }],
          ['2-1', 'start', { attempt: 2 }],
          ['1-3', 'token', { text: 'too late' }],
          ['2-2', 'token', { text: 'the right text' }],
          ['2-3', 'done', { text: 'the right text', finishReason: 'stop' }],
        ]),
      );
      await chat.ask('Well?');
      await chat.done();
      assert.equal(await chat.text(), 'the right text');
      assert.equal(await chat.words.innerText(), 'the right text');
    });
  },

  async 'the counter counts characters as the server does, and refuses one too many'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);
    const counter = chat.inside.locator('.counter');

    await chat.field.fill('🙂'.repeat(2000));
    assert.equal(await counter.innerText(), '2000 / 2000');
    assert.equal(await chat.send.isEnabled(), true);
    await chat.field.fill('🙂'.repeat(2001));
    assert.equal(await counter.innerText(), '2001 / 2000');
    assert.equal(await chat.send.isEnabled(), false);
    await chat.field.press('Enter');
    assert.equal(await chat.questions.count(), 0);
    await chat.field.fill('   ');
    assert.equal(await chat.send.isEnabled(), false);
  },

  async 'a thumb reaches the server'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.ask(config.question);
    await chat.done();
    const thumb = chat.last.locator('.thumb-up');
    const [response] = await Promise.all([chat.page.waitForResponse((r) => r.url().endsWith('/feedback')), thumb.click()]);

    assert.ok(response.ok(), `HTTP ${response.status()}`);
    assert.equal(await thumb.getAttribute('aria-pressed'), 'true');
  },

  async 'a new conversation begins empty'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.ask(config.question);
    await chat.done();
    await chat.choose('New conversation');
    assert.equal(await chat.answers.count(), 0);
    await chat.reload();
    assert.equal(await chat.answers.count(), 0);
    await chat.ask(config.question);
    await chat.done();
    await chat.assertExactlyOnce(config.question);
  },
});
