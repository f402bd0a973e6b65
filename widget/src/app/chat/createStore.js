/**
 * @typedef {object} Running an answer that has not ended: enough to go on after a reload
 * @property {string} question
 * @property {string} messageId
 * @property {string} answerId "" until the server has accepted
 * @property {string} lastId
 * @property {string} text all tokens up to lastId
 * @property {any[]} sources
 *
 * @typedef {object} Saved
 * @property {string} who whose it is
 * @property {string} sessionId
 * @property {boolean} open the panel was open
 * @property {Running | null} running
 *
 * @typedef {ReturnType<typeof createStore>} Store
 */

/** @param {string} who @returns {Saved} */
const nothing = (who) => ({ who, sessionId: '', open: false, running: null });

/**
 * What outlives a reload, one record per key.  Text and last event id are written together, so
 * a record is never ahead of itself; an old one only means that some events come twice and are
 * dropped.  Pages may forbid storage: then it lasts as long as the page.  Whoever signs in or out
 * finds nothing of who was there before.
 *
 * @param {string} key
 * @param {string} who the visitor, as the page names him
 * @param {() => Storage} [open] may throw
 */
export function createStore(key, who, open = () => localStorage) {
  const name = `chatconnect:${key}`;
  /** @type {Storage | null} */
  let storage = null;
  let saved = nothing(who);

  try {
    storage = open();
    const kept = JSON.parse(storage.getItem(name) ?? '{}');

    if ((kept.who ?? '') === who) saved = { ...saved, ...kept };
    else storage.removeItem(name);
  } catch {
    saved = nothing(who);
  }

  return {
    /** @returns {Readonly<Saved>} */
    get: () => saved,

    /** @param {Partial<Saved>} change */
    set(change) {
      saved = { ...saved, ...change };
      try {
        storage?.setItem(name, JSON.stringify(saved));
      } catch {
        storage = null;
      }
    },
  };
}
