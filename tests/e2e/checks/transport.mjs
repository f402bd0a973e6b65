import assert from 'node:assert/strict';
import { fresh } from '../support/fresh.mjs';
import { ALL, inForms } from '../support/inForms.mjs';
import { throughProxy } from '../support/throughProxy.mjs';

/** @param {any} proxy @param {string} method @param {RegExp} path */
const count = (proxy, method, path) => proxy.seen.filter((/** @type {any} */ r) => r.method === method && path.test(r.path)).length;

/** A proxy that ends every stream behind its head. @param {any} request @param {any} response */
function endStreams(request, response) {
  if (!/\/stream(\?|$)/.test(request.url)) return false;
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': \n\n', () => response.destroy());
  return true;
}

export const transport = inForms(ALL, {
  async 'where a proxy collects the stream the answer comes by WebSocket, and so does the next'(tools) {
    await throughProxy(tools, tools.config.longKey, async (chat, proxy) => {
      const question = fresh('Count for long.');

      proxy.collect(true);
      await chat.ask(question);
      await chat.grown(60);
      assert.equal(await chat.last.locator('.tools').isVisible(), false, 'it grows while it comes');
      assert.equal(count(proxy, 'UPGRADE', /\/ws\/chat\//), 1);
      const posted = count(proxy, 'POST', /\/chat\/stream/);

      await chat.done(40000);
      await chat.assertExactlyOnce(question);
      await chat.ask(fresh('And again.'));
      await chat.grown(30);
      assert.equal(count(proxy, 'POST', /\/chat\/stream/), posted, 'nothing is tried that does not pass');
      await chat.send.click();
      await chat.done();
    });
  },

  async 'where streams break again and again the answer comes by WebSocket, and is generated once'(tools) {
    await throughProxy(tools, tools.config.slowKey, async (chat, proxy) => {
      const question = fresh('Count, please.');

      proxy.answerWith(endStreams);
      await chat.ask(question);
      await chat.grown(30);
      assert.ok(count(proxy, 'UPGRADE', /\/ws\/chat\//) >= 1);
      proxy.cut();
      await chat.done();
      await chat.assertExactlyOnce(question);
    });
  },

  async 'where WebSockets do not pass either it goes back to the stream'(tools) {
    await throughProxy(tools, tools.config.slowKey, async (chat, proxy) => {
      const question = fresh('Count, after all.');

      proxy.letSockets(false);
      proxy.answerWith((/** @type {any} */ request, /** @type {any} */ response) => count(proxy, 'UPGRADE', /./) === 0 && endStreams(request, response));
      await chat.ask(question);
      await chat.done();
      assert.ok(count(proxy, 'UPGRADE', /\/ws\/chat\//) >= 1);
      await chat.assertExactlyOnce(question);
    });
  },
});
