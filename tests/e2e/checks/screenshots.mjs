import { join } from 'node:path';
import { Chat } from '../support/Chat.mjs';
import { ONCE, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';
import { walkScreens } from '../support/walkScreens.mjs';

/** A phone, and what its on-screen keyboard leaves of it. */
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const WITH_KEYBOARD = { width: 390, height: 420 };

/** @param {object} options of the browser @param {string} form @param {(tools: {chat: any, save: (file: string) => Promise<void>, config: any}) => Promise<void>} run @returns {(tools: any) => Promise<void>} */
const shown = (options, form, run) => async ({ config, site, newPage }) => {
  const chat = new Chat(await newPage({ viewport: { width: 1100, height: 760 }, ...options }), form, site);
  const save = async (/** @type {string} */ file) => {
    await chat.page.mouse.move(0, 0);
    await chat.page.screenshot({ path: join(config.shots, `${file}.png`), animations: 'disabled', caret: 'hide' });
  };

  await run({ chat, save, config });
};

/** @param {any} request @param {any} response */
function sayInArabic(request, response) {
  if (!request.url.endsWith('/chat/stream')) return false;
  const text = 'تبديل البطارية يكلف **٤٩ يورو** في الورشة [1]، ويشمل:\n\n- الفحص\n- التركيب\n- ضمان سنتين';
  const source = { n: 1, documentId: 'doc_told', title: 'قائمة الأسعار.pdf', page: 2, snippet: 'تبديل البطارية: ٤٩ يورو، مع ضمان سنتين.', score: 1 };
  const events = [
    ['accepted', { answerId: 'ans_told', sessionId: 'ses_told', position: 0 }],
    ['start', { attempt: 1 }],
    ['sources', { items: [source] }],
    ['token', { text }],
    ['done', { text, finishReason: 'stop' }],
  ];

  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(events.map(([name, data], i) => `${i ? `id: 1-${i}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
  return true;
}

/** An answer with an open source. @param {any} chat @param {any} config */
async function answer(chat, { question }) {
  await chat.ask(question);
  await chat.done();
  await chat.last.locator('summary').first().click();
}

/** @param {string} file @param {object} options @param {string} [form] @param {object} [attributes] */
const answered = (file, options, form = 'bubble', attributes = {}) =>
  shown(options, form, async ({ chat, save, config }) => {
    await chat.visit(config.url, config.key, { page: 'shop', ...attributes });
    await answer(chat, config);
    await save(file);
  });

/** @param {string} name of the screen @param {string} file @param {object} [options] */
const screen = (name, file, options = {}) => async (/** @type {any} */ tools) => {
  const proxy = await openProxy(tools.config.url);

  try {
    await shown(options, 'bubble', ({ chat, save }) => walkScreens({ ...tools, form: 'bubble' }, chat, proxy, async (seen) => (seen === name ? save(file) : undefined), { page: 'shop' }))(tools);
  } finally {
    await proxy.close();
  }
};

/** Pictures for docs/screenshots: made here, looked at by people. */
export const screenshots = inForms(ONCE, {
  'screenshot: light': answered('light', {}),
  'screenshot: dark': answered('dark', { colorScheme: 'dark' }),
  'screenshot: high contrast': answered('high-contrast', { forcedColors: 'active', colorScheme: 'dark' }),
  'screenshot: iframe': answered('iframe', {}, 'frame'),
  'screenshot: page': answered('page', {}, 'page'),
  'screenshot: right to left': shown({ locale: 'ar' }, 'bubble', async ({ chat, save, config }) => {
    const proxy = await openProxy(config.url);

    try {
      proxy.answerWith(sayInArabic);
      await chat.visit(proxy.url, config.key, { page: 'shop', 'data-locale': 'ar' });
      await chat.ask('كم تكلفة تبديل البطارية؟');
      await chat.done();
      await chat.last.locator('summary').first().click();
      await save('rtl');
    } finally {
      await proxy.close();
    }
  }),
  'screenshot: narrow': shown(PHONE, 'bubble', async ({ chat, save, config }) => {
    await chat.visit(config.url, config.key, { page: 'shop' });
    await answer(chat, config);
    await save('narrow');
    await chat.page.setViewportSize(WITH_KEYBOARD);
    await chat.field.fill('And how long does it take?');
    await save('narrow-keyboard');
  }),
  'screenshot: pre-chat form': screen('form with errors', 'prechat'),
  'screenshot: files': screen('files', 'files'),
  'screenshot: menu': screen('menu', 'menu'),
  'screenshot: queue': screen('queue', 'queue'),
});
