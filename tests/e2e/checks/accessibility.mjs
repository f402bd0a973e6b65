import assert from 'node:assert/strict';
import { assertNoViolations } from '../support/assertNoViolations.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';
import { walkScreens } from '../support/walkScreens.mjs';

const EVENT_MS = 60;

/** Axe looks at every screen. @param {object} options of the browser @returns {(tools: any) => Promise<void>} */
const everyScreen = (options) => async (tools) => {
  const proxy = await openProxy(tools.config.url);

  try {
    const chat = await tools.newChat(options);

    await walkScreens(tools, chat, proxy, (name) => assertNoViolations(chat, name));
  } finally {
    await proxy.close();
  }
};

/** Axe looks at what everybody sees first. @param {object} options @param {object} [attributes] @returns {(tools: any) => Promise<void>} */
const firstScreens = (options, attributes = {}) => async ({ config, newChat }) => {
  const chat = await (await newChat(options)).visit(config.url, config.key, attributes);

  await assertNoViolations(chat, 'greeting');
  await chat.ask(config.question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  await assertNoViolations(chat, 'answer');
};

/** A stream that comes piece by piece. @param {string[]} pieces */
const slowly = (pieces) => (/** @type {any} */ request, /** @type {any} */ response) => {
  if (!request.url.endsWith('/chat/stream')) return false;
  const events = [
    ['accepted', { answerId: 'ans_told', sessionId: 'ses_told', position: 0 }],
    ['start', { attempt: 1 }],
    ...pieces.map((text) => ['token', { text }]),
    ['done', { text: pieces.join(''), finishReason: 'stop' }],
  ];

  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  events.forEach(([name, data], i) => setTimeout(() => response.write(`${i ? `id: 1-${i}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`), i * EVENT_MS));
  setTimeout(() => response.end(), events.length * EVENT_MS);
  return true;
};

/**
 * What a screen reader is given, of the widget or of all of the page, from the browser itself.
 *
 * @param {any} chat
 * @returns {Promise<{role: string, name: string, [state: string]: any}[]>}
 */
async function readTree(chat) {
  const session = await chat.page.context().newCDPSession(chat.form === 'frame' ? chat.frame() : chat.page).catch(() => chat.page.context().newCDPSession(chat.page));
  const { frameTree } = await session.send('Page.getFrameTree');
  const ids = [frameTree, ...(frameTree.childFrames ?? [])].map(({ frame }) => frame.id);
  const trees = await Promise.all(ids.map((frameId) => session.send('Accessibility.getFullAXTree', { frameId })));

  return trees
    .flatMap(({ nodes }) => nodes)
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties = [] }) => ({ role: role?.value, name: name?.value ?? '', ...Object.fromEntries(properties.map(({ name: key, value }) => [key, value.value])) }));
}

/** @param {any[]} tree @param {string} role @param {string | RegExp} name @param {object} [states] */
function assertTold(tree, role, name, states = {}) {
  const found = tree.filter((node) => node.role === role && (typeof name === 'string' ? node.name === name : name.test(node.name)));
  const all = tree.filter((node) => node.role === role).map((node) => node.name);

  assert.ok(found.length > 0, `no ${role} ${name}: ${JSON.stringify(all)}`);
  for (const [key, value] of Object.entries(states)) assert.ok(found.some((node) => node[key] === value), `${role} ${name}: ${key} is ${found.map((node) => node[key])}`);
}

export const accessibility = inForms(ALL, {
  'axe finds nothing on any screen: light': everyScreen({}),
  'axe finds nothing on any screen: dark': everyScreen({ colorScheme: 'dark' }),
  'axe finds nothing: narrow': firstScreens({ viewport: { width: 390, height: 844 } }),
  'axe finds nothing: right to left': firstScreens({ locale: 'he' }, { 'data-locale': 'he' }),
  'axe finds nothing: forced colours': firstScreens({ forcedColors: 'active' }),

  async 'axe does find a button without a name'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.evaluate(() => {
      for (const name of ['aria-label', 'title']) window.told.root().querySelector('.send').removeAttribute(name);
    });
    await assert.rejects(assertNoViolations(chat, 'planted'), /button-name/);
  },

  async 'what a screen reader is given: roles, names and states'({ config, form, newChat }) {
    const chat = await newChat();

    await chat.arrive(config.url, config.key);
    if (form !== 'page') {
      await chat.bubble.waitFor();
      assertTold(await readTree(chat), 'button', 'Open chat', { expanded: false });
      await chat.open();
    }
    await chat.panel.waitFor();
    const before = await readTree(chat);

    assertTold(before, form === 'page' ? 'main' : 'dialog', 'Demo assistant');
    assertTold(before, 'heading', 'Demo assistant', { level: form === 'page' ? 1 : 2 });
    assertTold(before, 'log', 'Conversation');
    assertTold(before, 'textbox', 'Write a message', { multiline: true, invalid: 'false' });
    assertTold(before, 'button', 'Send', { disabled: true });
    assertTold(before, 'button', 'More options', { expanded: false });
    assertTold(before, 'status', '', { live: 'polite', atomic: false });
    if (form !== 'page') assertTold(before, 'button', 'Close chat');

    await chat.ask(config.question);
    await chat.done();
    await chat.last.locator('summary').first().click();
    await chat.last.locator('.thumb-up').click();
    await chat.inside.getByRole('button', { name: 'More options' }).click();
    const after = await readTree(chat);
    const nameless = after.filter(({ role, name }) => /^(button|link|textbox|combobox|checkbox|image|img|dialog|log)$/.test(role) && !name);

    assertTold(after, 'StaticText', config.question);
    assertTold(after, 'button', 'Copy');
    assertTold(after, 'button', 'Helpful', { pressed: 'true' });
    assertTold(after, 'button', 'Not helpful', { pressed: 'false' });
    assertTold(after, 'DisclosureTriangle', /\S/, { expanded: true });
    assertTold(after, 'button', 'More options', { expanded: true });
    assertTold(after, 'button', 'New conversation');
    assertTold(after, 'textbox', 'Would you tell us more?');
    assert.deepEqual(nameless, [], 'things without a name');
  },

  async 'a screen reader hears an answer sentence by sentence, without the marks'({ config, newChat }) {
    const proxy = await openProxy(config.url);

    try {
      const chat = await (await newChat()).visit(proxy.url, config.key);

      await chat.evaluate(() => {
        const region = window.told.root().querySelector('.unseen[role="status"]');

        window.heard = [];
        new MutationObserver((records) => {
          for (const { addedNodes } of records) for (const node of addedNodes) window.heard.push(node.textContent);
        }).observe(region, { childList: true, subtree: true, characterData: true });
      });
      proxy.answerWith(slowly(['The fir', 'st sent', 'ence. The **sec', 'ond** one ', 'costs 3', '.50 and has a [li', 'nk](https://example.org/). ', '\n\n- a point\n', '- another\n\n', 'The `last', '` one']));
      await chat.ask('Well?');
      await chat.done();
      const heard = (await chat.evaluate(() => window.heard)).map((/** @type {string} */ text) => text.replace(/\s+/g, ' ').trim());

      assert.deepEqual(heard, ['The answer is on its way', 'The first sentence.', 'The second one costs 3.50 and has a link.', 'a point', 'another', 'The last one']);
    } finally {
      await proxy.close();
    }
  },
});
