/** @param {string} id @returns {[number, number]} */
function parts(id) {
  const match = /^(\d+)-(\d+)$/.exec(id);

  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}

/**
 * Orders "<attempt>-<seq>".  Anything else counts as 0-0, which is before every event.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number} negative, 0 or positive
 */
export function compareEventIds(a, b) {
  const [attemptA, seqA] = parts(a);
  const [attemptB, seqB] = parts(b);

  return attemptA - attemptB || seqA - seqB;
}
