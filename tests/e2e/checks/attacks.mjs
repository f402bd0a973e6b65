import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ALL, ONCE, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';

/** @type {string[]} */
const ATTACKS = JSON.parse(readFileSync(new URL('../../../widget/src/app/markdown/attacks.json', import.meta.url), 'utf8'));
const MESSAGE_MAX = 1900;
const PLANTED = 'planted.example';
/** What the browser wants of its own maker. */
const MAKERS = /^\w+ (https?:\/\/)?[\w-]+\.(google|googleapis|gvt1)\.com[:/]/;

const ELEMENTS = new Set(
  'div section form label input select option textarea span p bdi strong em code pre ul ol li blockquote a img button details summary svg path circle rect i h1 h2 h3 small br'.split(' '),
);
const ATTRIBUTES = new Set(
  `class dir lang hidden href target rel start tabindex type title role d viewBox id for name value rows placeholder autocomplete required
  disabled open src alt width height data-text data-position data-narrow data-theme data-form data-size data-sheet multiple accept maxlength enterkeyhint inputmode fill
  stroke cx cy r x y rx aria-hidden aria-label aria-pressed aria-expanded aria-haspopup aria-modal aria-labelledby aria-describedby aria-live aria-atomic
  aria-invalid aria-controls aria-relevant aria-busy aria-required aria-disabled checked selected novalidate`.split(/\s+/),
);

/**
 * From now on every element, attribute and address that ever stands in the widget is written down,
 * however short it stands there.
 */
function watch() {
  const root = window.told.root();
  const census = { elements: new Set(), attributes: new Set(), links: new Set(), images: new Set() };
  const note = (/** @type {any} */ node) => {
    if (node.nodeType !== 1) return;
    census.elements.add(node.localName);
    for (const name of node.getAttributeNames()) census.attributes.add(name);
    if (node.localName === 'a') census.links.add(JSON.stringify([node.protocol, node.rel, node.target, node.username]));
    if (node.localName === 'img') census.images.add(node.src);
  };
  const look = (/** @type {MutationRecord[]} */ records) => {
    for (const { target, addedNodes } of records)
      for (const node of [target, ...addedNodes]) {
        note(node);
        if (node.nodeType === 1) node.querySelectorAll('*').forEach(note);
      }
  };
  const observer = new MutationObserver(look);

  root.querySelectorAll('*').forEach(note);
  observer.observe(root, { childList: true, attributes: true, subtree: true });
  window.census = () => {
    look(observer.takeRecords());
    return Object.fromEntries(Object.entries(census).map(([name, set]) => [name, [...set]]));
  };
}

/** Frames come as fast as events do, so that each state of a text is drawn. */
function drawAtOnce() {
  window.drawn = 0;
  window.requestAnimationFrame = new Proxy(window.requestAnimationFrame, {
    apply(_, __, [draw]) {
      window.drawn += 1;
      queueMicrotask(() => draw(performance.now()));
      return 1;
    },
  });
}

/** @param {any} page @returns {string[]} */
function watchRequests(page) {
  /** @type {string[]} */
  const requests = [];

  page.on('request', (/** @type {any} */ request) => requests.push(request.url()));
  return requests;
}

/** Nothing ran, nothing was asked for, nothing stood there that we do not make. @param {any} chat @param {string[]} requests */
async function assertInert(chat, requests) {
  const { elements, attributes, links, images } = await chat.evaluate(() => window.census());
  const { alerts, violations } = await chat.told();
  const own = [chat.url, chat.site.origin];

  assert.deepEqual(elements.filter((/** @type {string} */ name) => !ELEMENTS.has(name)), [], 'elements');
  assert.deepEqual(attributes.filter((/** @type {string} */ name) => !ATTRIBUTES.has(name)), [], 'attributes');
  for (const [protocol, rel, target, username] of links.map(JSON.parse)) {
    assert.match(protocol, /^https?:$/);
    assert.equal(rel, 'noopener nofollow ugc');
    assert.equal(target, '_blank');
    assert.equal(username, '');
  }
  assert.deepEqual(images, [], 'images');
  assert.equal(alerts, 0, 'scripts run');
  assert.deepEqual(violations, [], 'things that the policy had to stop');
  assert.deepEqual(requests.filter((url) => !own.some((origin) => url.startsWith(`${origin}/`)) && !url.startsWith('data:,') && !url.startsWith('about:')), [], 'requests to others');
}

const source = (/** @type {string} */ attack, /** @type {number} */ i) => ({ n: i + 1, documentId: attack, title: attack, url: attack, page: attack, ...(i ? { row: attack } : {}), snippet: attack, score: 1 });

/** @param {any} response @param {any} body */
function json(response, body) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
  return true;
}

/** The bubble is shown all of them; the same code draws the others, which are shown some. @param {string} form */
const stepOf = (form) => (form === 'bubble' ? 1 : 7);

/** @param {string} text @param {number} step @returns {string[][]} the text in two pieces, cut at every such place, and in single characters */
const pieces = (text, step) => [...Array.from(text, (_, i) => [text.slice(0, i), text.slice(i)]).filter((_, i) => i % step === 0), [...text]];

/** @param {number} step */
const countPieces = (step) => ATTACKS.flatMap((attack) => pieces(attack, step)).flat().length;

/**
 * One stream that says every attack in all its pieces: each time as another attempt, which clears
 * the one before.
 *
 * @param {number} step
 */
function* stream(step) {
  let attempt = 0;
  const event = (/** @type {string} */ id, /** @type {string} */ name, /** @type {any} */ data) => `${id && `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

  yield event('', 'accepted', { answerId: 'ans_told', sessionId: 'ses_told', position: 0 });
  for (const attack of ATTACKS) {
    let said = '';

    for (const [n, tokens] of pieces(attack, step).entries()) {
      attempt += 1;
      said += event(`${attempt}-1`, 'start', { attempt });
      if (n === 0) said += event(`${attempt}-2`, 'sources', { items: [attack, attack].map(source) });
      for (const [i, text] of tokens.entries()) said += event(`${attempt}-${i + 3}`, 'token', { text });
    }
    yield said;
  }
  yield event(`${attempt}-999999`, 'done', { text: ATTACKS[ATTACKS.length - 1], finishReason: 'stop', messageId: 'msg_told' });
}

/** @param {number} step */
const sayAll = (step) => (/** @type {any} */ request, /** @type {any} */ response) => {
  if (!request.url.endsWith('/chat/stream')) return false;
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  Readable.from(stream(step)).pipe(response);
  return true;
};

const HOSTILE_CONFIG = {
  name: ATTACKS[0],
  title: ATTACKS[4],
  subtitle: ATTACKS[5],
  greeting: ATTACKS.join('\n'),
  placeholder: ATTACKS[6],
  launcher: ATTACKS[7],
  footer: ATTACKS[8],
  starters: ATTACKS.slice(0, 6),
  colours: { primary: 'red}*{background:url(https://evil.example/leak)}' },
  colors: { primary: 'red}*{background:url(https://evil.example/leak)}', accent: 'url(https://evil.example/leak)' },
  font: 'x}*{background:url(https://evil.example/leak)}',
  size: 'x}*{background:url(https://evil.example/leak)}',
  logo: 'javascript:alert(1)',
  avatar: 'http://evil.example/leak.png',
  privacyUrl: 'javascript:alert(1)',
  position: ATTACKS[1],
  locale: ATTACKS[2],
  theme: ATTACKS[3],
};

/** Everything that a server says is hostile, what it has stored too. @param {any} request @param {any} response */
function tellAll(request, response) {
  const { pathname } = new URL(request.url, 'http://gateway.invalid');
  const items = ATTACKS.flatMap((text, i) => [
    { id: `msg_${i}a`, answerId: `ans_${i}`, role: 'user', text, at: '2026-01-01T00:00:00Z' },
    { id: `msg_${i}b`, answerId: `ans_${i}`, role: 'assistant', text: `${text} [1]`, sources: [text, text].map(source), at: '2026-01-01T00:00:00Z' },
  ]);

  if (/\/config(\/|$)/.test(pathname)) return json(response, HOSTILE_CONFIG);
  if (/\/sessions\/[^/]+\/messages$/.test(pathname)) return json(response, { sessionId: 'ses_told', items, nextCursor: null, handoff: ATTACKS[0], form: ATTACKS[1] });
  return false;
}

/** @param {any} tools @param {(tools: {chat: any, proxy: any, requests: string[]}) => Promise<void>} run */
async function throughProxy({ config, newChat }, run) {
  const proxy = await openProxy(config.url);

  try {
    const chat = await newChat();
    const requests = watchRequests(chat.page);

    await run({ chat, proxy, requests });
    await assertInert(chat, requests);
  } finally {
    await proxy.close();
  }
}

/** A form and files with names as bad as texts can be. @param {any} request @param {any} response */
function tellForm(request, response) {
  const { pathname } = new URL(request.url, 'http://gateway.invalid');
  const fields = ATTACKS.slice(0, 24).map((label, i) => ({ name: `f${i}`, label, type: i % 4 ? 'text' : 'select', options: ATTACKS.slice(0, 8) }));
  const items = ATTACKS.map((filename, i) => ({ id: `fil_${i}`, filename, size: 1, status: i % 2 ? 'ready' : 'failed' }));

  if (/\/config(\/|$)/.test(pathname)) return json(response, { ...HOSTILE_CONFIG, features: { upload: true }, prechat: { title: ATTACKS[0], text: ATTACKS[1], fields } });
  if (/\/files$/.test(pathname)) return json(response, { items });
  return false;
}

const everywhere = inForms(ALL, {
  async 'a hostile model: every attack, cut in two at every place and into single characters, is text'(tools) {
    await throughProxy(tools, async ({ chat, proxy }) => {
      await chat.page.addInitScript(drawAtOnce);
      await chat.visit(proxy.url, tools.config.key);
      await chat.evaluate(watch);
      const step = stepOf(chat.form);
      const pieces = countPieces(step);

      proxy.answerWith(sayAll(step));
      await chat.ask('Say it all.');
      await chat.done(100000);
      const drawn = await chat.evaluate(() => window.drawn);

      assert.ok(ATTACKS.length >= 100 && pieces > (10000 / step), `${ATTACKS.length} attacks, ${pieces} pieces`);
      assert.ok(drawn >= pieces, `${drawn} states drawn of ${pieces}`);
    });
  },

  async 'hostile labels of a form and names of files are text'(tools) {
    await throughProxy(tools, async ({ chat, proxy }) => {
      proxy.answerWith(tellForm);
      await chat.visit(proxy.url, tools.config.key);
      await chat.evaluate((/** @type {string} */ name) => {
        localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name) ?? '{}'), who: '', sessionId: 'v0123456789abcdef0123456789abcdef', files: true }));
      }, `chatconnect:${chat.key}`);
      await chat.reload();
      await chat.evaluate(watch);
      await chat.inside.locator('.form .field').nth(23).waitFor();
      assert.equal(await chat.inside.locator('.form option').count(), 6 * 9);
      await chat.inside.locator('.chip').nth(ATTACKS.length - 1).waitFor({ state: 'attached' });
    });
  },

  async 'hostile history, sources and configuration are text'(tools) {
    await throughProxy(tools, async ({ chat, proxy }) => {
      proxy.answerWith(tellAll);
      // A conversation is remembered, so that its history is asked for.
      await chat.visit(proxy.url, tools.config.key);
      await chat.evaluate((/** @type {string} */ name) => {
        localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name) ?? '{}'), who: '', sessionId: 'ses_told' }));
      }, `chatconnect:${chat.key}`);
      await chat.reload();
      await chat.answers.nth(ATTACKS.length - 1).locator('.tools').waitFor();
      await chat.evaluate(watch);
      await chat.evaluate(() => {
        for (const details of window.told.root().querySelectorAll('details')) details.open = true;
      });
      assert.equal(await chat.answers.count(), ATTACKS.length);
      assert.ok((await chat.inside.locator('.source').count()) >= ATTACKS.length);
    });
  },
});

const once = inForms(['bubble'], {
  async 'hostile texts that a model really says are shown as text'({ config, newChat }) {
    assert.ok(config.echoKey, 'CC_E2E_ECHO_KEY or CC_E2E_STACK is wanted');
    const chat = await newChat();
    const requests = watchRequests(chat.page);
    /** @type {string[]} */
    const questions = [''];

    await chat.visit(config.url, config.echoKey);
    await chat.evaluate(watch);
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
    await assertInert(chat, requests);
  },

  async 'these checks do see what an attack does'({ config, newChat, asked }) {
    const chat = await newChat();
    const requests = watchRequests(chat.page);

    await chat.visit(config.url, config.key);
    await chat.evaluate(watch);
    await chat.evaluate((/** @type {string} */ host) => {
      const log = window.told.root().querySelector('.log');
      const draw = (/** @type {string} */ html) => {
        log.insertAdjacentHTML('beforeend', html);
        log.lastElementChild.remove();
      };

      draw(`<marquee><a href="javascript:alert(1)">x</a><img src="http://${host}/x" onerror="alert(1)"></marquee>`);
    }, PLANTED);
    await chat.page.waitForFunction(() => window.told.alerts > 0);
    await assert.rejects(assertInert(chat, requests), /elements/);
    assert.ok(requests.some((url) => url.includes(PLANTED)), 'the page told of the request');
    assert.ok(asked.some((/** @type {string} */ line) => line.includes(PLANTED)), 'the line out of the browser, too');
  },
});

const after = inForms(
  ONCE,
  {
    async 'in all of this run nobody else was asked for anything'({ asked }) {
      assert.deepEqual(asked.filter((/** @type {string} */ line) => !line.includes(PLANTED) && !MAKERS.test(line)), []);
    },
  },
  { alone: true },
);

export const attacks = [...everywhere, ...once];
export const leaks = after;
