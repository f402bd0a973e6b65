import { readRecord } from './readRecord.js';

/**
 * @typedef {import('./readRecord.js').Saved} Saved
 * @typedef {ReturnType<typeof createStore>} Store
 */

/**
 * What outlives a reload, one record per key, and the same for all tabs: it is read anew whenever
 * somebody looks.  Text and last event id are written together, so a record is never ahead of
 * itself; an old one only means that some events come twice and are dropped.
 *
 * Pages may forbid storage, and it may be full: then this page goes on with what it knows.  Whoever
 * signs in or out finds nothing of who was there before; a page that still is somebody else keeps
 * his things to itself.
 *
 * @param {string} key
 * @param {string} who the visitor, as the page names him
 * @param {() => Storage} [open] may throw
 */
export function createStore(key, who, open = () => localStorage) {
  const name = `chatconnect:${key}`;
  const nothing = /** @type {Saved} */ (readRecord(null, who));
  let saved = nothing;
  /** @type {string | null} */
  let seen = null;
  /** We know more than the storage does, or may not write there. */
  let alone = false;
  let others = false;

  /** @param {(storage: Storage) => void} use @returns {boolean} */
  function tried(use) {
    try {
      use(open());
      return true;
    } catch {
      return false;
    }
  }

  function read() {
    tried((storage) => {
      const text = storage.getItem(name);

      if (text === seen) return;
      const kept = readRecord(text, who);

      seen = text;
      others = kept === null;
      saved = kept ?? nothing;
    });
  }

  read();
  if (others) {
    tried((storage) => storage.removeItem(name));
    seen = null;
    others = false;
  }

  /** @returns {Readonly<Saved>} */
  function get() {
    if (!alone && !others) read();
    return saved;
  }

  return {
    get,

    /** @param {Partial<Saved>} change */
    set(change) {
      saved = { ...get(), ...change };
      if (others) return;
      const text = JSON.stringify(saved);

      alone = !tried((storage) => storage.setItem(name, text));
      if (!alone) seen = text;
    },
  };
}
