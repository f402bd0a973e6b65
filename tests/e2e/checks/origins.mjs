import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Chat } from '../support/Chat.mjs';

const SOON_MS = 5000;

/** A web site of somebody else, with the widget on its page. @param {string} url of the gateway @param {string} key */
async function openSite(url, key) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><head><title>Shop</title></head><body><h1>Shop</h1>
      <script src="${url}/widget.js" data-api-key="${key}"></script></body></html>`);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return { url: `http://127.0.0.1:${/** @type {any} */ (server.address()).port}`, close: () => server.close() };
}

/** A tenant of its own, and its owner's calls. @param {string} url */
async function register(url) {
  const name = randomBytes(8).toString('hex');
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {object} */ body, token = '') => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });

    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
  };
  const made = await call('POST', '/api/auth/register', { email: `${name}@people.example`, password: `words of ${name}`, name });

  return { key: made.publicKey, setBot: (/** @type {object} */ body) => call('PUT', `/api/bots/${made.botId}`, body, made.accessToken) };
}

/** What a page of that site is told when it asks: a status, or that the browser keeps the answer from it. */
function ask({ url, key }) {
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const body = JSON.stringify({ message: 'Are you there?' });

  return fetch(`${url}/api/widget/chat`, { method: 'POST', headers, body }).then(
    (response) => response.status,
    () => 'refused',
  );
}

/** Asks from the page until it is told that, and how long that took. @param {any} page */
async function until(page, about, wanted) {
  const begun = performance.now();
  let got;

  do got = await page.evaluate(ask, about);
  while (got !== wanted && performance.now() - begun < SOON_MS + 1000);
  assert.equal(got, wanted);
  return performance.now() - begun;
}

export const origins = {
  async 'a site that is taken off the list is refused within five seconds, and served when it is on it again'({ config, newPage }) {
    const owner = await register(config.url);
    const site = await openSite(config.url, owner.key);
    const about = { url: config.url, key: owner.key };
    const page = await newPage();

    try {
      await owner.setBot({ allowedOrigins: [site.url] });
      await page.goto(site.url);
      await until(page, about, 200);
      const chat = new Chat(page);
      await chat.open();
      await chat.ask('What is there?');
      await chat.done();

      await owner.setBot({ allowedOrigins: ['https://elsewhere.example'] });
      const refused = await until(page, about, 'refused');
      assert.ok(refused < SOON_MS, `refused after ${refused} ms`);
      const direct = await fetch(`${config.url}/api/widget/config`, { headers: { origin: site.url, 'x-api-key': owner.key } });
      assert.equal((await direct.json()).code, 'origin_not_allowed', 'by the gateway, not only the browser');
      await chat.field.fill('And now?');
      await chat.field.press('Enter');
      await chat.last.locator('.status:not(:empty)').waitFor();

      await owner.setBot({ allowedOrigins: [site.url] });
      const served = await until(page, about, 200);
      assert.ok(served < SOON_MS, `served after ${served} ms`);
    } finally {
      site.close();
    }
  },
};
