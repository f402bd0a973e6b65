import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { inForms } from '../support/inForms.mjs';

const TEXTS = new URL('../../../widget/src/app/texts/', import.meta.url);
const LOCALES = readdirSync(TEXTS).flatMap((file) => /^([a-z]{2})\.js$/.exec(file)?.[1] ?? []);
const RIGHT_TO_LEFT = ['ar', 'he'];

/** @param {string} locale @returns {Promise<Record<string, string>>} */
const readTexts = async (locale) => (await import(new URL(`${locale}.js`, TEXTS).href))[locale];

/** All that is said in the widget, to be seen or to be heard. @param {any} chat @returns {Promise<string[]>} */
const readSaid = (chat) =>
  chat.evaluate(() => {
    const all = [...window.told.root().querySelectorAll('.widget *')];
    const words = all.flatMap((element) => [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()));
    const names = all.flatMap((element) => ['aria-label', 'placeholder', 'title'].map((name) => element.getAttribute(name) ?? ''));

    return [...new Set([...words, ...names])].filter(Boolean);
  });

export const languages = inForms(['bubble', 'page'], {
  async 'each language is spoken as it is written down, in its direction, and no English is left'({ config, newChat }) {
    const english = await readTexts('en');

    assert.equal(LOCALES.length, 16);
    for (const locale of LOCALES) {
      const texts = await readTexts(locale);
      const chat = await newChat({ locale });

      await chat.visit(config.url, config.key, { 'data-locale': locale });
      const widget = chat.inside.locator('.widget').first();
      const said = await readSaid(chat);
      const left = Object.keys(english).filter((name) => texts[name] !== english[name] && said.includes(english[name]));

      assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), locale);
      assert.equal(await widget.getAttribute('lang'), locale);
      assert.equal(await widget.getAttribute('dir'), RIGHT_TO_LEFT.includes(locale) ? 'rtl' : 'ltr', locale);
      for (const name of ['options', 'fresh', 'placeholder', 'send', 'conversation']) assert.ok(said.includes(texts[name]), `${locale}: no "${texts[name]}" in ${JSON.stringify(said)}`);
      if (locale !== 'en') assert.deepEqual(left, [], `${locale}: left in English`);
      await chat.page.context().close();
    }
  },
});
