import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { openProxy } from '../support/proxy.mjs';

const QUESTION = 'Count for me, please.';

/**
 * Asks the slow bot through a line of our own and lets something happen to it in mid-answer.
 *
 * @param {(tools: {page: any, chat: any, proxy: any}) => Promise<void>} happen
 * @returns {(tools: any) => Promise<void>}
 */
function inTheMiddle(happen) {
  return async ({ config, newChat }) => {
    const proxy = await openProxy(config.url);

    try {
      const chat = await (await newChat()).visit(proxy.url, config.slowKey);
      const question = fresh(QUESTION);

      await chat.ask(question);
      await happen({ page: chat.page, chat, proxy });
      await chat.done();
      await chat.assertExactlyOnce(question);
    } finally {
      await proxy.close();
    }
  };
}

/** @param {any} proxy how often a stream was joined */
const joins = (proxy) => proxy.seen.filter((r) => r.method === 'GET' && /\/answers\/[^/]+\/stream/.test(r.path));

/** The line breaks behind so many characters. @param {number[]} places */
const cutAt = (places) =>
  inTheMiddle(async ({ chat, proxy }) => {
    for (const [i, place] of places.entries()) {
      await chat.grown(place);
      proxy.cut();
      await proxy.joined(i + 1);
    }
    await chat.done();
    assert.ok(joins(proxy).length >= places.length, 'every cut must have led to a new connection');
    assert.ok(joins(proxy).every((r) => r.path.includes('after=')), 'joined behind the last event');
  });

export const cuts = inForms(ALL, {
  'the socket is cut early: the text is whole and was generated once': cutAt([1]),
  'the socket is cut in the middle: the text is whole and was generated once': cutAt([120]),
  'the socket is cut five times: the text is whole and was generated once': cutAt([20, 60, 100, 140, 180]),

  'the network goes away for a while: the text is whole and was generated once': inTheMiddle(async ({ page, chat, proxy }) => {
    await chat.grown(60);
    await page.context().setOffline(true);
    proxy.cut();
    await chat.last.locator('.status:not(:empty)').waitFor();
    await page.context().setOffline(false);
  }),

  'the server cannot be reached for a while: the text is whole and was generated once': inTheMiddle(async ({ chat, proxy }) => {
    await chat.grown(60);
    proxy.setDown(true);
    await chat.last.locator('.status:not(:empty)').waitFor();
    proxy.setDown(false);
  }),

  'the page is reloaded: the text is whole and was generated once': inTheMiddle(async ({ chat, proxy }) => {
    await chat.grown(60);
    await chat.reload();
    await chat.grown(60);
    await chat.done();
    assert.ok(joins(proxy).length >= 1, 'the running answer was joined');
  }),

  'the page is reloaded and the socket cut again: the text is whole and was generated once': inTheMiddle(async ({ chat, proxy }) => {
    await chat.grown(40);
    await chat.reload();
    await chat.grown(90);
    proxy.cut();
    await chat.grown(140);
    await chat.reload();
  }),

  'the visitor goes to another page and comes back: the text is whole and was generated once': inTheMiddle(async ({ page, chat, proxy }) => {
    await chat.grown(40);
    await page.goto('about:blank');
    await chat.visit(proxy.url, chat.key);
  }),

  async 'the line breaks before the server could answer: the question is asked again under its id, and answered once'({ config, newChat }) {
    const proxy = await openProxy(config.url);

    try {
      const chat = await (await newChat()).visit(proxy.url, config.slowKey);
      const question = fresh(QUESTION);
      /** @type {string[]} */
      const bodies = [];

      // The first POST reaches the gateway; the browser hears the head of the answer and no more.
      // (Without a head the browser itself would send the request again.)
      proxy.answerWith((request, response) => {
        if (!request.url?.endsWith('/chat/stream')) return false;
        let body = '';

        request.on('data', (piece) => (body += piece));
        request.on('end', () => bodies.push(body));
        if (bodies.length > 0) return false;
        request.on('end', async () => {
          const { host, ...headers } = request.headers;
          const leave = new AbortController();
          const reply = await fetch(new URL(String(request.url), config.url), {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-api-key': String(headers['x-api-key']), origin: String(headers.origin) },
            body,
            signal: leave.signal,
          });

          assert.equal(reply.status, 200);
          await reply.body?.getReader().read();
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(': \n', () => response.destroy());
          leave.abort();
        });
        return true;
      });
      await chat.ask(question);
      await chat.done();
      await chat.assertExactlyOnce(question);
      assert.equal(bodies.length, 2);
      assert.equal(JSON.parse(bodies[0]).messageId, JSON.parse(bodies[1]).messageId);
    } finally {
      await proxy.close();
    }
  },
});
