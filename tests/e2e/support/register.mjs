import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

/**
 * A tenant of its own, with a bot and a public key, and its owner's calls.
 *
 * @param {string} url
 */
export async function register(url) {
  const name = randomBytes(8).toString('hex');
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body, token = '') => {
    const headers = { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();

    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  const made = await call('POST', '/api/auth/register', { email: `${name}@people.example`, password: `words of ${name}`, name });

  return {
    key: made.publicKey,
    botId: made.botId,
    clientId: made.clientId,

    /** @param {string} method @param {string} path @param {any} [body] */
    call: (method, path, body) => call(method, path, body, made.accessToken),

    /** @param {object} body */
    setBot: (body) => call('PUT', `/api/bots/${made.botId}`, body, made.accessToken),

    /**
     * Changes how the widget is, and waits until it is told so.
     *
     * @param {object} widget
     * @param {(config: any) => boolean} told
     */
    async setWidget(widget, told) {
      await call('PUT', `/api/bots/${made.botId}`, { allowedOrigins: ['*'], widget }, made.accessToken);
      const until = Date.now() + 6000;

      for (;;) {
        const config = await (await fetch(`${url}/api/widget/config`, { headers: { 'x-api-key': made.publicKey, origin: 'https://page.example' } })).json();

        if (told(config)) return;
        assert.ok(Date.now() < until, `the widget is still told ${JSON.stringify(config)}`);
      }
    },
  };
}
