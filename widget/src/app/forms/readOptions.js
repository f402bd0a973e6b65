import { readVisitor } from './readVisitor.js';

/**
 * What the page says on the script element.
 *
 * @typedef {object} Said
 * @property {string} position "left", "right" or "" (the configuration decides)
 * @property {string} locale a BCP 47 tag or "" (configuration, page or browser decide)
 * @property {string} theme "light", "dark", "auto" or "" (the configuration decides)
 * @property {import('./readVisitor.js').Visitor} visitor
 */

/** @param {string | undefined} text @param {RegExp} shape the first group is taken */
const pick = (text, shape) => shape.exec((text ?? '').trim().toLowerCase())?.[1] ?? '';

/**
 * @param {Record<string, string | undefined>} dataset
 * @returns {Said}
 */
export function readOptions(dataset) {
  const { user, userExp: exp, userHash: hash, userToken: token } = dataset;

  return {
    position: pick(dataset.position, /(left|right)$/),
    locale: (dataset.locale ?? '').trim(),
    theme: pick(dataset.theme, /^(light|dark|auto)$/),
    visitor: readVisitor({ user, exp, hash, token }),
  };
}
