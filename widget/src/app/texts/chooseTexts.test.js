import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTexts } from './chooseTexts.js';
import { en } from './en.js';

const LOCALES = ['ar', 'de', 'en', 'es', 'fr', 'he', 'it', 'nl', 'pt', 'tr'];

test('the first language that we speak is taken', () => {
  assert.equal(chooseTexts(['', 'xx', 'de-AT', 'fr']).locale, 'de');
  assert.equal(chooseTexts(['pt_BR']).locale, 'pt');
  assert.equal(chooseTexts(['constructor', '']).locale, 'en');
});

test('Arabic and Hebrew run from right to left, the others do not', () => {
  for (const locale of LOCALES)
    assert.equal(chooseTexts([locale]).direction, ['ar', 'he'].includes(locale) ? 'rtl' : 'ltr');
});

test('every language says everything, with the same blanks to fill', () => {
  for (const locale of LOCALES) {
    const { texts } = chooseTexts([locale]);

    assert.equal(chooseTexts([locale]).locale, locale);
    for (const [name, english] of Object.entries(en)) {
      const words = /** @type {Record<string, string>} */ (texts)[name];

      assert.ok(words, `${locale}.${name}`);
      assert.deepEqual(words.match(/\{\w+\}/g)?.sort(), english.match(/\{\w+\}/g)?.sort(), `${locale}.${name}`);
    }
  }
});
