/**
 * What the page says on the script element.
 *
 * @typedef {object} Options
 * @property {string} origin scheme, host and port that the script came from: the gateway
 * @property {string} key the public key, "" when the page gave none
 * @property {string} position "left", "right" or "" (the configuration decides)
 * @property {string} locale a BCP 47 tag or "" (configuration, page or browser decide)
 */

/**
 * @param {{src: string, dataset: Record<string, string | undefined>}} script
 * @returns {Options}
 */
export function readOptions({ src, dataset }) {
  const position = (dataset.position ?? '').toLowerCase();

  return {
    origin: new URL(src).origin,
    key: (dataset.apiKey ?? '').trim(),
    position: /(left|right)$/.exec(position)?.[0] ?? '',
    locale: (dataset.locale ?? '').trim(),
  };
}
