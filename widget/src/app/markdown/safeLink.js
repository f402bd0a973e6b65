/**
 * An address that a model wrote, as one that may be clicked.  Only http and https, and no user
 * name in front of the host, which exists to deceive.
 *
 * @param {string} text
 * @returns {string} "" when it is none
 */
export function safeLink(text) {
  try {
    const url = new URL(text);

    return /^https?:/.test(url.protocol) && !(url.username + url.password) ? url.href : '';
  } catch {
    return '';
  }
}
