/**
 * What the page says on the script element.
 *
 * @typedef {object} Options
 * @property {string} origin scheme, host and port that the script came from: the gateway
 * @property {string} key the public key, "" when the page gave none
 * @property {string} position "left", "right" or "" (the configuration decides)
 * @property {string} locale a BCP 47 tag or "" (configuration, page or browser decide)
 * @property {string} who the page's own name of its visitor, "" for nobody in particular
 * @property {Record<string, string>} proof headers that show who it is, as the page's server signed them
 */

/** @type {[string, string][]} */
const PROOF = [
  ['x-visitor-token', 'userToken'],
  ['x-visitor-id', 'user'],
  ['x-visitor-exp', 'userExp'],
  ['x-visitor-hash', 'userHash'],
];

/** A header holds bytes. @param {string} text */
const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));

/** Only to tell one visitor from another: the gateway is who checks it. @param {string} token */
function subjectOf(token) {
  try {
    return String(JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sub ?? '');
  } catch {
    return token;
  }
}

/**
 * @param {{src: string, dataset: Record<string, string | undefined>}} script
 * @returns {Options}
 */
export function readOptions({ src, dataset }) {
  const position = (dataset.position ?? '').toLowerCase();
  const given = PROOF.filter(([, name]) => dataset[name]);
  const { user, userToken } = dataset;

  return {
    origin: new URL(src).origin,
    key: (dataset.apiKey ?? '').trim(),
    position: /(left|right)$/.exec(position)?.[0] ?? '',
    locale: (dataset.locale ?? '').trim(),
    who: user || (userToken ? subjectOf(userToken) : ''),
    proof: Object.fromEntries(given.map(([header, name]) => [header, bytes(dataset[name] ?? '')])),
  };
}
