/**
 * Who the page says its visitor is, as its server signed him.
 *
 * @typedef {object} Claim one of the two forms of docs/visitors.md
 * @property {string} [user]
 * @property {string | number} [exp]
 * @property {string} [hash]
 * @property {string} [token]
 *
 * @typedef {object} Visitor
 * @property {string} who the page's own name of him, "" for nobody in particular
 * @property {Record<string, string>} proof headers that show it
 */

/** @type {[string, keyof Claim][]} */
const PROOF = [
  ['x-visitor-token', 'token'],
  ['x-visitor-id', 'user'],
  ['x-visitor-exp', 'exp'],
  ['x-visitor-hash', 'hash'],
];

/** A header holds bytes. @param {unknown} text */
const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(String(text)));

/** Only to tell one visitor from another: the gateway is who checks it. @param {string} token */
function subjectOf(token) {
  try {
    return String(JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sub ?? '');
  } catch {
    return token;
  }
}

/**
 * @param {Claim | null | undefined} claim
 * @returns {Visitor}
 */
export function readVisitor(claim) {
  const said = claim ?? {};
  const given = PROOF.filter(([, name]) => said[name]);

  return {
    who: `${said.user || (said.token ? subjectOf(said.token) : '')}`,
    proof: Object.fromEntries(given.map(([header, name]) => [header, bytes(said[name])])),
  };
}
