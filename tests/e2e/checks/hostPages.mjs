import assert from 'node:assert/strict';
import { Chat } from '../support/Chat.mjs';
import { openProxy } from '../support/proxy.mjs';

const NONCE = 'bm9uY2U';

/**
 * A page of our own at the gateway's address.
 *
 * @param {any} page
 * @param {string} url
 * @param {{head?: string, policy?: string, key: string}} about
 */
async function serveHost(page, url, { head = '', policy = '', key }) {
  await page.route(`${url}/host-page`, (/** @type {any} */ route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: policy ? { 'content-security-policy': policy } : {},
      body: `<!doctype html><html lang="en"><head><title>Host</title>${head}</head><body><h1>Host</h1>
        <script nonce="${NONCE}" src="${url}/widget.js" data-api-key="${key}"></script></body></html>`,
    }),
  );
}

/** @param {string} policy @returns {(tools: any) => Promise<void>} */
const underPolicy = (policy) => async ({ config, newPage }) => {
  const page = await newPage();
  /** @type {string[]} */
  const complaints = [];

  page.on('console', (/** @type {any} */ message) => /Content Security Policy|TrustedScript|TrustedHTML/i.test(message.text()) && complaints.push(message.text()));
  await serveHost(page, config.url, { policy, key: config.key });
  await page.goto(`${config.url}/host-page`);
  const chat = new Chat(page);
  chat.key = config.key;
  await chat.open();
  await chat.ask(config.question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  await chat.assertExactlyOnce(config.question);

  assert.deepEqual(await page.evaluate(() => window.told.violations), []);
  assert.deepEqual(complaints, []);
  // The styles did apply: constructed sheets need no leave.
  assert.equal((await chat.bubble.boundingBox())?.width, 60);
};

export const hostPages = {
  'a page with a nonce and Trusted Types: no violation': underPolicy(
    `default-src 'none'; script-src 'nonce-${NONCE}'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'`,
  ),
  'a page that names our host and nothing else: no violation': underPolicy(
    `default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'none'; img-src 'none'; font-src 'none'`,
  ),

  async 'a page that forbids scripts is noticed by these checks'({ config, newPage }) {
    const page = await newPage();

    await serveHost(page, config.url, { policy: `default-src 'none'`, key: config.key });
    await page.goto(`${config.url}/host-page`);
    await page.waitForFunction(() => window.told.violations.length > 0);
    assert.equal(await page.locator('chat-connect').count(), 0);
  },

  async 'hostile styles of the page do not reach the widget'({ config, newPage }) {
    const page = await newPage();
    const head = `<style>
      * { display: none !important; color: red !important; font-size: 40px !important; position: static !important; }
      chat-connect { opacity: 0 !important; transform: scale(9) !important; width: 1px !important; }
      button { background: red !important; } html { font-size: 62.5%; } html, body { display: block !important; }</style>`;

    await serveHost(page, config.url, { head, key: config.key });
    await page.goto(`${config.url}/host-page`);
    const chat = new Chat(page);
    await chat.open();
    const bubble = await chat.bubble.boundingBox();

    assert.deepEqual([bubble?.width, bubble?.height], [60, 60]);
    assert.equal(bubble?.x, 1280 - 24 - 60);
    assert.equal(await chat.panel.evaluate((element) => getComputedStyle(element).fontSize), '15px');
    await chat.bubble.click();
    await chat.panel.waitFor({ state: 'hidden' });
  },

  async 'the page can neither see into the widget nor get two of it'({ config, newPage }) {
    const page = await newPage({ closed: true });

    await serveHost(page, config.url, { head: `<script src="${config.url}/widget.js" data-api-key="${config.key}"></script>`, key: config.key });
    await page.goto(`${config.url}/host-page`);
    await page.evaluate(() => window.ChatConnect.open());
    const seen = await page.evaluate(() => {
      const hosts = [...document.querySelectorAll('chat-connect')];

      return { count: hosts.length, root: hosts[0].shadowRoot, text: hosts[0].textContent, children: hosts[0].childNodes.length };
    });

    assert.deepEqual(seen, { count: 1, root: null, text: '', children: 0 });
  },

  async 'a page of another origin loads the widget and chats'({ config, newPage }) {
    const page = await newPage();
    const shop = await openProxy(config.url);

    try {
      shop.answerWith((_, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(`<!doctype html><title>Shop</title><script src="${config.url}/widget.js" data-api-key="${config.key}"></script>`);
        return true;
      });
      await page.goto(`${shop.url}/shop`);
      const chat = new Chat(page);
      await chat.open();
      await chat.ask(config.question);
      await chat.done();
      assert.match(await chat.text(), /\S/);
    } finally {
      await shop.close();
    }
  },

  async 'a key that nobody has shows nothing and says so to the developer'({ config, newPage }) {
    const page = await newPage();
    const said = page.waitForEvent('console', (/** @type {any} */ message) => message.text().startsWith('ChatConnect'));

    await serveHost(page, config.url, { key: 'pk_live_nobody' });
    await page.goto(`${config.url}/host-page`);
    await said;
    assert.equal(await page.locator('.bubble').count(), 0);
  },
};
