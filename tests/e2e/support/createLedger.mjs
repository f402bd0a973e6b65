/** @param {string} id "<attempt>-<seq>" @returns {number} in their order; "" comes before all */
export function placeOf(id) {
  const [attempt, seq = 0] = id.split('-').map(Number);

  return attempt * 2 ** 32 + seq;
}

/** @param {string} text one event, or frames @returns {string[]} */
const idsIn = (text) => [...text.matchAll(/(?:^id: |"id":")(\d+-\d+)(?="|$)/gm)].map(([, id]) => id);

/** @param {string} a @param {string} b */
const later = (a, b) => (placeOf(a) > placeOf(b) ? a : b);

/**
 * Keeps what a line has delivered, and where it was asked to go on.
 *
 * @typedef {object} Join
 * @property {string} after what was asked for
 * @property {string} delivered the last event of which something may have come
 * @property {number} attempts as many had been begun behind the first
 * @property {any} shown what the page showed then, as told by look()
 */
export function createLedger() {
  /** @type {Join[]} */
  const joins = [];
  /** @type {Set<number>} */
  const attempts = new Set();
  /** @type {() => any} */
  let look = () => null;
  let delivered = '';

  /** @param {string} after */
  const join = (after) => joins.push({ after, delivered, attempts: attempts.size, shown: look() });

  return {
    joins,

    /** The attempts behind the first that were begun: each clears what stood there. */
    attempts,

    /** @param {() => any} now asked whenever the line is joined */
    lookWith(now) {
      look = now;
    },

    /** @param {string} text it was delivered, or some of it */
    has(text) {
      delivered = idsIn(text).reduce(later, delivered);
      for (const [, n] of text.matchAll(/"attempt":(\d+)/g)) if (Number(n) > 1) attempts.add(Number(n));
    },

    /** @param {string} path of a GET */
    requested(path) {
      const after = /\/answers\/[^/]+\/stream\?(?:.*&)?after=([^&]*)/.exec(path);

      if (after) join(after[1]);
    },

    /** @param {string} frame of the browser */
    askedFor(frame) {
      if (/"type":"resume"/.test(frame)) join(/"after":"([^"]*)"/.exec(frame)?.[1] ?? '');
    },
  };
}
