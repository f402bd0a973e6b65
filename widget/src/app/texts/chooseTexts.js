/**
 * @typedef {import('./en.js').Texts} Texts
 */

/** Each is a file of its own, English too: a visitor loads one. */
const SPOKEN = /^(ar|de|en|es|fr|he|it|ja|ko|nl|pl|pt|ru|tr|uk|zh)(?![a-z])/i;
const RIGHT_TO_LEFT = /^(ar|he)$/;

/**
 * The first wish that we speak; English when we speak none, or its file does not come.
 *
 * @param {readonly string[]} wishes BCP 47 tags, "" for none
 * @param {(locale: string) => Promise<Texts>} load
 * @returns {Promise<{texts: Texts, locale: string, direction: string}>}
 */
export function chooseTexts(wishes, load) {
  const [locale = 'en'] = wishes.flatMap((tag) => SPOKEN.exec(tag)?.[1].toLowerCase() ?? []);
  const choose = async (/** @type {string} */ name) => ({ texts: await load(name), locale: name, direction: RIGHT_TO_LEFT.test(name) ? 'rtl' : 'ltr' });

  return choose(locale).catch(() => choose('en'));
}
