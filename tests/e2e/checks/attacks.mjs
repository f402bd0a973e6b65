import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Chat } from '../support/Chat.mjs';
import { openProxy } from '../support/proxy.mjs';

/** @type {string[]} */
const ATTACKS = JSON.parse(readFileSync(new URL('../../../widget/src/app/markdown/attacks.json', import.meta.url), 'utf8'));
const MESSAGE_MAX = 1900;

/** What an attack may have become: names of elements, attributes and the schemes of links. */
function census() {
  const root = document.querySelector('chat-connect').shadowRoot;
  const inside = [...root.querySelectorAll('.log *')];

  return {
    elements: [...new Set(inside.map((e) => e.localName))],
    attributes: [...new Set(inside.flatMap((e) => e.getAttributeNames()))],
    links: [...root.querySelectorAll('.log a')].map((a) => [a.protocol, a.rel, a.target, a.username]),
    page: [...document.body.children].map((e) => e.localName),
    ...window.told,
  };
}

const ELEMENTS = new Set(
  'div p span bdi strong em code pre ul ol li blockquote a button details summary svg path i h2'.split(' '),
);
const ATTRIBUTES = new Set(
  'class dir hidden href target rel start tabindex type title role d viewBox aria-hidden aria-label aria-pressed open'.split(' '),
);

/** @param {any} page @param {string[]} requests @param {string} own */
async function assertInert(page, requests, own) {
  const { elements, attributes, links, alerts, violations } = await page.evaluate(census);

  assert.deepEqual(elements.filter((name) => !ELEMENTS.has(name)), [], 'elements');
  assert.deepEqual(attributes.filter((name) => !ATTRIBUTES.has(name)), [], 'attributes');
  for (const [protocol, rel, target, username] of links) {
    assert.match(protocol, /^https?:$/);
    assert.equal(rel, 'noopener nofollow ugc');
    assert.equal(target, '_blank');
    assert.equal(username, '');
  }
  assert.equal(alerts, 0, 'scripts run');
  assert.deepEqual(violations, [], 'things that the policy had to stop');
  assert.deepEqual(requests.filter((url) => !url.startsWith(`${own}/`) && !url.startsWith('data:,')), [], 'requests to others');
}

/** @param {any} page @returns {string[]} */
function watchRequests(page) {
  /** @type {string[]} */
  const requests = [];

  page.on('request', (/** @type {any} */ request) => requests.push(request.url()));
  return requests;
}

/** Text, sources and configuration are all hostile, and the text comes in single characters. */
function hostile() {
  let answers = 0;
  const source = (/** @type {string} */ attack, /** @type {number} */ i) => ({ n: i + 1, documentId: attack, title: attack, url: attack, page: attack, ...(i ? { row: attack } : {}), snippet: attack, score: 1 });

  return (/** @type {any} */ request, /** @type {any} */ response) => {
    const json = (/** @type {any} */ body) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
      return true;
    };

    if (request.url.endsWith('/config'))
      return json({ name: ATTACKS[0], greeting: ATTACKS.join('\n'), starters: ATTACKS.slice(0, 6), colours: { primary: 'red}*{background:url(https://evil.example/leak)}' }, logo: 'https://evil.example/leak.png', position: ATTACKS[1], locale: ATTACKS[2] });
    if (!request.url.endsWith('/chat/stream')) return false;
    request.resume();
    const attack = ATTACKS[answers];
    answers += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (/** @type {string} */ id, /** @type {string} */ name, /** @type {any} */ data) => response.write(`${id && `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    send('', 'accepted', { answerId: `ans_${answers}`, sessionId: 'ses_told', position: 0 });
    send('1-1', 'sources', { items: [attack, attack].map(source) });
    [...attack].forEach((text, i) => send(`1-${i + 2}`, 'token', { text }));
    send('1-99999', 'done', { text: attack, finishReason: 'stop' });
    response.end();
    return true;
  };
}

export const attacks = {
  async 'hostile answers, sources and configuration are shown as text'({ config, newPage }) {
    const proxy = await openProxy(config.url);

    try {
      const page = await newPage();
      const requests = watchRequests(page);

      proxy.answerWith(hostile());
      const chat = await new Chat(page).visit(proxy.url, config.key);
      for (const [i, attack] of ATTACKS.entries()) {
        await chat.ask(`attack ${i}`);
        await page.locator(`.entries > .answer:nth-child(${2 * i + 2}) .tools`).waitFor({ state: 'attached' });
        await page.waitForFunction(() => document.querySelector('chat-connect').shadowRoot.querySelector('.send').getAttribute('aria-label') === 'Send');
        assert.equal(await chat.answers.count(), i + 1, attack);
      }
      for (const summary of await page.locator('summary').all()) await summary.evaluate((element) => element.parentElement.setAttribute('open', ''));
      await assertInert(page, requests, proxy.url);
    } finally {
      await proxy.close();
    }
  },

  async 'hostile texts that a model really says are shown as text'({ config, newPage }) {
    assert.ok(config.echoKey, 'CC_E2E_ECHO_KEY or CC_E2E_STACK is wanted');
    const page = await newPage();
    const requests = watchRequests(page);
    const chat = await new Chat(page).visit(config.url, config.echoKey);
    /** @type {string[]} */
    const questions = [''];

    for (const attack of ATTACKS.filter((text) => !text.includes('\0'))) {
      if (questions[0].length + attack.length > MESSAGE_MAX) questions.unshift('');
      questions[0] += `${attack}\n\n`;
    }
    for (const question of questions) {
      await chat.ask(question.trim());
      await chat.done();
      const begin = question.trim().slice(0, 200);

      assert.equal((await chat.text()).slice(0, begin.length), begin);
    }
    await assertInert(page, requests, config.url);
  },
};
