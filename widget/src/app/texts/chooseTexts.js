import { ar } from './ar.js';
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { he } from './he.js';
import { it } from './it.js';
import { nl } from './nl.js';
import { pt } from './pt.js';
import { tr } from './tr.js';

/** @type {Record<string, import('./en.js').Texts>} */
const ALL = { ar, de, en, es, fr, he, it, nl, pt, tr };
const RIGHT_TO_LEFT = new Set(['ar', 'he']);

/**
 * The first wish that we speak; English when we speak none.
 *
 * @param {readonly string[]} wishes BCP 47 tags, "" for none
 */
export function chooseTexts(wishes) {
  const languages = wishes.map((tag) => tag.toLowerCase().split(/[-_]/)[0]);
  const locale = languages.find((language) => Object.hasOwn(ALL, language)) ?? 'en';

  return { texts: ALL[locale], locale, direction: RIGHT_TO_LEFT.has(locale) ? 'rtl' : 'ltr' };
}
