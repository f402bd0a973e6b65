import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { chooseTexts } from './chooseTexts.js';
import { en } from './en.js';

const HERE = new URL('./', import.meta.url);
const LOCALES = readdirSync(HERE).filter((name) => /^[a-z]{2}\.js$/.test(name)).map((name) => name.slice(0, 2));

/** @param {string} locale */
const load = async (locale) => (await import(new URL(`${locale}.js`, HERE).href))[locale];

test('the first language that we speak is taken', async () => {
  assert.equal((await chooseTexts(['', 'xx', 'de-AT', 'fr'], load)).locale, 'de');
  assert.equal((await chooseTexts(['pt_BR'], load)).locale, 'pt');
  assert.equal((await chooseTexts(['constructor', ''], load)).locale, 'en');
});

test('Arabic and Hebrew run from right to left, the others do not', async () => {
  for (const locale of LOCALES)
    assert.equal((await chooseTexts([locale], load)).direction, ['ar', 'he'].includes(locale) ? 'rtl' : 'ltr');
});

test('a language whose file does not come is English, and is called so', async () => {
  const { texts, locale, direction } = await chooseTexts(['ar'], (name) => (name === 'en' ? load(name) : Promise.reject(new Error('no line'))));

  assert.deepEqual([texts.send, locale, direction], ['Send', 'en', 'ltr']);
});

test('every language says everything, with the same blanks to fill', async () => {
  assert.equal(LOCALES.length, 16);
  for (const locale of LOCALES) {
    const texts = /** @type {Record<string, string>} */ (await load(locale));

    assert.equal((await chooseTexts([locale], load)).locale, locale);
    assert.deepEqual(Object.keys(texts), Object.keys(en), `${locale}: the same texts in the same order`);
    for (const [name, english] of Object.entries(en)) {
      assert.ok(texts[name], `${locale}.${name}`);
      assert.deepEqual(texts[name].match(/\{\w+\}/g)?.sort(), english.match(/\{\w+\}/g)?.sort(), `${locale}.${name}`);
    }
  }
});
