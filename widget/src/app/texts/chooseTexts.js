/**
 * @typedef {import('./en.js').Texts} Texts
 */

/** Each is a file of its own, English too: a visitor loads one. */
const SPOKEN = ['ar', 'de', 'en', 'es', 'fr', 'he', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'ru', 'tr', 'uk', 'zh'];
const RIGHT_TO_LEFT = /^(ar|he)$/;

/**
 * The first wish that we speak; English when we speak none, or its file does not come.
 *
 * @param {readonly string[]} wishes BCP 47 tags, "" for none
 * @param {(locale: string) => Promise<Texts>} load
 * @returns {Promise<{texts: Texts, locale: string, direction: string}>}
 */
export async function chooseTexts(wishes, load) {
  const languages = wishes.map((tag) => tag.toLowerCase().split(/[-_]/)[0]);
  const locale = languages.find((language) => SPOKEN.includes(language)) ?? 'en';

  try {
    return { texts: await load(locale), locale, direction: RIGHT_TO_LEFT.test(locale) ? 'rtl' : 'ltr' };
  } catch {
    return { texts: await load('en'), locale: 'en', direction: 'ltr' };
  }
}
