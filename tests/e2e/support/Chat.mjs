import assert from 'node:assert/strict';

/**
 * The widget in one of its forms, in the words of a visitor.
 */
export class Chat {
  /**
   * @param {import('playwright-core').Page} page
   * @param {string} form
   * @param {import('./openSite.mjs').Site} site that the widget is a guest of
   * @param {string} [host] which of several is meant
   */
  constructor(page, form, site, host = 'chat-connect') {
    const inside = form === 'frame' ? page.frameLocator(`${host} iframe`) : form === 'page' ? page : page.locator(host);

    this.page = page;
    this.form = form;
    this.site = site;
    this.inside = inside;
    this.bubble = inside.locator('.bubble');
    this.panel = inside.locator('.panel');
    this.field = inside.locator('.composer textarea');
    this.send = inside.locator('.composer .send');
    this.questions = inside.locator('.entries .question');
    this.answers = inside.locator('.entries .answer');
    this.last = this.answers.last();
    this.words = this.last.locator('.words');
    this.url = '';
    this.key = '';
  }

  /**
   * Goes to a page with the widget, without touching it.
   *
   * @param {string} url of the gateway, or of a line to it
   * @param {string} key
   * @param {{page?: string, [attribute: string]: any}} [more] page: one of pages/; attributes of the script element
   */
  async arrive(url, key, { page = 'plain', ...attributes } = {}) {
    const mode = this.form === 'frame' ? { 'data-mode': 'iframe' } : {};
    const address =
      this.form === 'page' ? `${url}/chat/${key}` : this.site.address(page, url, { 'data-api-key': key, ...mode, ...attributes });

    Object.assign(this, { url, key });
    await this.page.goto(address);
    return this;
  }

  /** Goes to a page with the widget and opens it. @param {string} url @param {string} key @param {object} [more] as above */
  async visit(url, key, more = {}) {
    await this.arrive(url, key, more);
    return this.open();
  }

  /** The page is loaded anew, and the widget opened if it is not. */
  async reload() {
    await this.page.reload();
    return this.open();
  }

  async open() {
    if (this.form !== 'page') {
      await this.page.waitForFunction(() => window.ChatConnect);
      await this.page.evaluate(() => window.ChatConnect.open());
    }
    await this.panel.waitFor();
    return this;
  }

  /** Runs in the window that the widget is in. @param {any} run @param {any} [value] */
  evaluate(run, value) {
    return this.frame().evaluate(run, value);
  }

  /** @returns {import('playwright-core').Frame} the window that the widget is in */
  frame() {
    const found = this.form === 'frame' ? this.page.frames().find((frame) => /\/embed\//.test(frame.url())) : this.page.mainFrame();

    assert.ok(found, 'there is no frame of the widget');
    return found;
  }

  /** What all windows of the page have been told together. */
  async told() {
    const all = await Promise.all(this.page.frames().map((frame) => frame.evaluate(() => ({ alerts: window.told.alerts, violations: window.told.violations }))));

    return { alerts: all.reduce((sum, { alerts }) => sum + alerts, 0), violations: all.flatMap(({ violations }) => violations) };
  }

  /** @param {string} text */
  async ask(text) {
    const before = await this.answers.count();

    await this.field.fill(text);
    await this.field.press('Enter', { timeout: 90000 }); // comes back when the page has time
    await this.answers.nth(before).waitFor({ state: 'attached' });
  }

  /** @param {string} item words of one in the menu */
  async choose(item) {
    await this.inside.getByRole('button', { name: 'More options' }).click();
    await this.inside.locator('.menu').getByRole('button', { name: item }).click();
  }

  /** Until the last answer has at least so many characters. @param {number} length */
  async grown(length) {
    await this.frame().waitForFunction(
      (n) => {
        const words = window.told.root().querySelectorAll('.entries .words');

        return (words[words.length - 1]?.textContent ?? '').length >= n;
      },
      length,
      { polling: 'raf' },
    );
  }

  /** Until the last answer has ended well. @param {number} [timeout] */
  async done(timeout = 30000) {
    await this.last.locator('.tools').waitFor({ timeout });
  }

  /** The last answer's own text, not what Markdown made of it: as copied by the visitor. */
  async text() {
    await this.last.locator('.tools button').first().click();
    return this.evaluate(() => window.told.copied);
  }

  /** @returns {Promise<string>} the name of this conversation, "" before it has one */
  sessionId() {
    return this.evaluate(() => {
      const name = Object.keys(localStorage).find((key) => key.startsWith('chatconnect:'));

      return name ? (JSON.parse(localStorage.getItem(name) ?? '{}').sessionId ?? '') : '';
    });
  }

  /** What the server has stored of this conversation. @param {Record<string, string>} [proof] headers @returns {Promise<any[]>} */
  async history(proof = {}) {
    const headers = { 'x-api-key': this.key, origin: new URL(this.page.url()).origin, ...proof };
    const response = await fetch(`${this.url}/api/widget/sessions/${await this.sessionId()}/messages`, { headers });
    const body = await response.json();

    assert.ok(Array.isArray(body.items), `no history: ${JSON.stringify(body)}`);
    return body.items;
  }

  /** Shown, stored and generated once: the promise that a cut line must not break. @param {string} question */
  async assertExactlyOnce(question) {
    const items = await this.history();
    const stored = items.filter((item) => item.role === 'assistant');

    assert.deepEqual(items.filter((item) => item.role === 'user').map((item) => item.text), [question]);
    assert.equal(stored.length, 1, 'assistant messages in the history');
    assert.equal(Buffer.compare(Buffer.from(await this.text()), Buffer.from(stored[0].text)), 0, 'shown and stored text');
    assert.equal(await this.questions.count(), 1, 'questions shown');
    assert.equal(await this.answers.count(), 1, 'answers shown');
    return stored[0].text;
  }
}
