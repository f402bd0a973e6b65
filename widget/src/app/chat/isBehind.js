/** @param {string} id @returns {number} "" comes before all, nonsense is no number */
function place(id) {
  const [attempt, seq = 0] = id.split('-').map(Number);

  return attempt * 2 ** 32 + seq;
}

/**
 * Orders "<attempt>-<seq>".
 *
 * @param {string} a
 * @param {string} b "" is before every event
 * @returns {boolean} whether a is behind b; what is no id is behind nothing
 */
export const isBehind = (a, b) => place(a) > place(b);
