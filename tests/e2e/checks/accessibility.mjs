import assert from 'node:assert/strict';
import { assertNoViolations } from '../support/assertNoViolations.mjs';
import { ALL, inForms } from '../support/inForms.mjs';

/** Goes through the screens that every bot has. @param {object} options of the browser @param {object} [attributes] @returns {(tools: any) => Promise<void>} */
const everyScreen = (options, attributes = {}) => async ({ config, form, newChat }) => {
  const chat = await (await newChat(options)).visit(config.url, config.key, attributes);

  await assertNoViolations(chat, 'greeting');
  await chat.field.fill('x'.repeat(2001));
  await assertNoViolations(chat, 'too long');
  await chat.field.fill('');
  await chat.ask(config.question);
  await chat.done();
  await chat.last.locator('summary').first().click();
  await assertNoViolations(chat, 'answer with an open source');
  if (form === 'page') return;
  await chat.page.keyboard.press('Escape');
  await chat.panel.waitFor({ state: 'hidden' });
  await assertNoViolations(chat, 'closed');
};

export const accessibility = inForms(ALL, {
  'axe finds nothing: light': everyScreen({}),
  'axe finds nothing: dark': everyScreen({ colorScheme: 'dark' }),
  'axe finds nothing: narrow': everyScreen({ viewport: { width: 390, height: 844 } }),
  'axe finds nothing: right to left': everyScreen({ locale: 'he' }, { 'data-locale': 'he' }),
  'axe finds nothing: forced colours': everyScreen({ forcedColors: 'active' }),

  async 'axe does find a button without a name'({ config, newChat }) {
    const chat = await (await newChat()).visit(config.url, config.key);

    await chat.evaluate(() => {
      for (const name of ['aria-label', 'title']) window.told.root().querySelector('.send').removeAttribute(name);
    });
    await assert.rejects(assertNoViolations(chat, 'planted'), /button-name/);
  },
});
