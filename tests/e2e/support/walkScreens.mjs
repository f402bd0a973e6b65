import { fresh } from './fresh.mjs';
import { PRECHAT } from './prechat.mjs';

const ACCEPTED = ['accepted', { answerId: 'ans_told', sessionId: 'ses_told', position: 0 }];

/** @param {any} response @param {[string, object][]} events and then nothing more comes, or the end */
function tell(response, events, end = false) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  events.forEach(([name, data], i) => response.write(`${i ? `id: 1-${i}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  if (end) response.end();
}

/**
 * A bot that has all there is: a form before the first question, files, a person, starters, a footer.
 *
 * @param {any} config of this run
 * @returns {(request: any, response: any) => boolean}
 */
export const rich = (config) => (request, response) => {
  const path = new URL(request.url, 'http://gateway.invalid').pathname;

  if (path.endsWith('/form')) {
    request.resume();
    response.writeHead(204).end();
    return true;
  }
  if (!/\/config(\/|$)/.test(path)) return false;
  fetch(`${config.url}${request.url}`, { headers: { 'x-api-key': request.headers['x-api-key'], origin: 'https://page.example' } })
    .then((reply) => reply.json())
    .then((body) => {
      const starters = ['What does a battery swap cost?', 'How do I return an order?'];
      const more = { prechat: PRECHAT, starters, subtitle: 'Usually answers at once', footer: 'Answers may be wrong.', privacyUrl: 'https://example.org/privacy' };

      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...body, ...more, features: { ...body.features, upload: true, handoff: true, delete: true } }));
    });
  return true;
};

/**
 * Goes through every screen that there is, and has each looked at.
 *
 * @param {any} tools of the check
 * @param {any} chat that has not arrived anywhere
 * @param {any} proxy
 * @param {(name: string) => Promise<void>} see
 * @param {object} [attributes] of the script element
 */
export async function walkScreens({ config, form }, chat, proxy, see, attributes = {}) {
  const own = rich(config);
  const button = (/** @type {string} */ name) => chat.inside.locator('.sheet, .answer').getByRole('button', { name, exact: true }).last();
  const leave = (/** @type {string} */ item) => chat.choose(item).then(() => see(item)).then(() => button('Cancel').click());

  proxy.answerWith(own);
  await chat.arrive(proxy.url, config.key, attributes);
  if (form !== 'page') {
    await chat.bubble.waitFor();
    await see('closed');
    await chat.open();
  }
  await button('Start the chat').waitFor();
  await see('form');
  await button('Start the chat').click();
  await see('form with errors');
  await chat.inside.getByLabel('Your name').fill('Ada');
  await chat.inside.getByLabel('Your e-mail').fill('ada@people.example');
  await chat.inside.getByLabel('I agree').check();
  await button('Start the chat').click();
  await chat.field.waitFor();
  await see('greeting');
  await chat.field.fill('x'.repeat(2001));
  await see('too long');
  await chat.field.fill('');

  await chat.ask(config.question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  await see('answer');
  await chat.last.locator('.thumb-down').click();
  await see('feedback');
  await button('Cancel').click();
  await chat.inside.getByRole('button', { name: 'More options' }).click();
  await see('menu');
  await chat.page.keyboard.press('Escape');
  await leave('Talk to a person');
  await leave('Delete conversation');

  const files = ['Notes on returns.txt', 'broken.pdf'].map((name) => ({ name, mimeType: '', buffer: Buffer.from('%PDF-1.4, it says, and nothing else.'.slice(name.endsWith('.txt') ? 9 : 0)) }));
  await chat.inside.locator('input[type="file"]').setInputFiles(files);
  await chat.inside.locator('.chip.ready').waitFor();
  await chat.inside.locator('.chip.failed').waitFor();
  await see('files');

  proxy.answerWith((/** @type {any} */ request, /** @type {any} */ response) => {
    if (!request.url.endsWith('/chat/stream')) return own(request, response);
    request.resume();
    tell(response, [['accepted', { ...ACCEPTED[1], position: 3 }]]);
    return true;
  });
  await chat.ask(fresh('Is there a queue?'));
  await chat.last.locator('.status:not(:empty)').waitFor();
  await chat.ask(fresh('And behind it?'));
  await see('queue');
  proxy.answerWith((/** @type {any} */ request, /** @type {any} */ response) => {
    if (!/\/stream(\?|$)/.test(request.url)) return own(request, response);
    request.resume();
    tell(response, [ACCEPTED, ['start', { attempt: 1 }], ['error', { code: 'upstream_failed', status: 502, retryable: true }]], true);
    return true;
  });
  proxy.cut();
  await chat.last.locator('.retry').waitFor();
  await see('error');
}
