import assert from 'node:assert/strict';

/**
 * The widget in a page, in the words of a visitor.
 */
export class Chat {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.bubble = page.locator('.bubble');
    this.panel = page.locator('.panel');
    this.field = page.locator('.composer textarea');
    this.send = page.locator('.composer .send');
    this.questions = page.locator('.question');
    this.answers = page.locator('.entries .answer');
    this.last = this.answers.last();
    this.words = this.last.locator('.words');
    this.key = '';
  }

  /** Opens the demo page and the panel. @param {string} url @param {string} key @param {string} [more] of the query */
  async visit(url, key, more = '') {
    this.key = key;
    await this.page.goto(`${url}/demo?key=${key}${more}`);
    await this.open();
    return this;
  }

  async open() {
    await this.bubble.waitFor({ state: 'attached' });
    await this.page.evaluate(() => window.ChatConnect.open());
    await this.panel.waitFor();
  }

  /** @param {string} text */
  async ask(text) {
    await this.field.fill(text);
    await this.field.press('Enter');
    await this.words.waitFor({ state: 'attached' });
  }

  /** Until the last answer has at least so many characters. @param {number} length */
  async grown(length) {
    await this.page.waitForFunction(
      (n) => {
        const words = [...document.querySelector('chat-connect').shadowRoot.querySelectorAll('.entries .words')];

        return (words.pop()?.textContent ?? '').length >= n;
      },
      length,
      { polling: 'raf' },
    );
  }

  /** Until the last answer has ended well. */
  async done() {
    await this.last.locator('.tools').waitFor();
  }

  /** The last answer's own text, not what Markdown made of it: as copied by the visitor. */
  async text() {
    await this.last.locator('.tools button').first().click();
    return this.page.evaluate(() => window.told.copied);
  }

  /** What the server has stored of this conversation. @returns {Promise<any[]>} */
  async history() {
    const body = await this.page.evaluate(async (key) => {
      const { sessionId } = JSON.parse(localStorage.getItem(`chatconnect:${key}`));
      const response = await fetch(`/api/widget/sessions/${sessionId}/messages`, { headers: { 'x-api-key': key } });

      return response.json();
    }, this.key);

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
