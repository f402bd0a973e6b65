import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { Chat } from '../support/Chat.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** @param {any} page @param {string} where */
async function assertNoViolations(page, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async (values) => {
    const { violations, passes } = await window.axe.run(document, { runOnly: { type: 'tag', values } });
    const inside = passes.flatMap((rule) => rule.nodes).filter((node) => Array.isArray(node.target[0]));

    return {
      inside: inside.length,
      violations: violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`)),
    };
  }, RULES);

  assert.equal(found.violations.length, 0, `${where}: ${found.violations.join('\n')}`);
  assert.ok(found.inside > 0, `${where}: axe did not see the inside of the widget`);
}

/** @param {object} options @param {string} [query] @returns {(tools: any) => Promise<void>} */
const everywhere = (options, query = '') => async ({ config, newPage }) => {
  const page = await newPage(options);
  const chat = await new Chat(page).visit(config.url, config.key, query);

  await assertNoViolations(page, 'greeting');
  await chat.field.fill('x'.repeat(2001));
  await assertNoViolations(page, 'too long');
  await chat.field.fill('');
  await chat.ask(config.question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  await assertNoViolations(page, 'answer with an open source');
  await page.keyboard.press('Escape');
  await assertNoViolations(page, 'closed');
};

export const accessibility = {
  'axe finds nothing: light': everywhere({}),
  'axe finds nothing: dark': everywhere({ colorScheme: 'dark' }),
  'axe finds nothing: narrow': everywhere({ viewport: { width: 390, height: 844 } }),
  'axe finds nothing: right to left': everywhere({}, '&locale=he'),

  async 'axe does find a button without a name'({ config, newPage }) {
    const page = await newPage();

    await new Chat(page).visit(config.url, config.key);
    await page.evaluate(() => document.querySelector('chat-connect').shadowRoot.querySelector('.head-button').removeAttribute('aria-label'));
    await page.evaluate(() => document.querySelector('chat-connect').shadowRoot.querySelector('.head-button').removeAttribute('title'));
    await assert.rejects(assertNoViolations(page, 'planted'), /button-name/);
  },
};
