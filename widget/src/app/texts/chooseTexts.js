import { en } from './en.js';

/**
 * @typedef {import('./en.js').Texts} Texts
 */

/** English is part of the application; each of the others is a file of its own. */
const OTHERS = ['ar', 'de', 'es', 'fr', 'he', 'it', 'nl', 'pt', 'tr'];
const RIGHT_TO_LEFT = /^(ar|he)$/;

/**
 * The first wish that we speak; English when we speak none, or its file does not come.
 *
 * @param {readonly string[]} wishes BCP 47 tags, "" for none
 * @param {(locale: string) => Promise<Partial<Texts>>} load
 */
export async function chooseTexts(wishes, load) {
  const languages = wishes.map((tag) => tag.toLowerCase().split(/[-_]/)[0]);
  const locale = languages.find((language) => language === 'en' || OTHERS.includes(language)) ?? 'en';
  const direction = RIGHT_TO_LEFT.test(locale) ? 'rtl' : 'ltr';

  try {
    if (locale !== 'en') return { texts: { ...en, ...(await load(locale)) }, locale, direction };
  } catch {
    // English is better than nothing.
  }
  return { texts: en, locale: 'en', direction: 'ltr' };
}
