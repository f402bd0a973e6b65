import { onWake } from './onWake.js';

/** The server says something every 15 s.  So much silence, seen on waking, means a dead line. */
const SUSPECT_MS = 20000;

/**
 * Watches a line: calls lose() once it has been silent for too long.
 *
 * @param {() => void} lose
 * @param {number} patienceMs until the first sign
 * @param {number} silenceMs between two signs
 */
export function watchLine(lose, patienceMs, silenceMs) {
  const over = new AbortController();
  let heardAt = Date.now();
  let timer = setTimeout(lose, patienceMs);

  onWake(() => Date.now() - heardAt > SUSPECT_MS && lose(), over.signal);
  return {
    heard() {
      heardAt = Date.now();
      clearTimeout(timer);
      timer = setTimeout(lose, silenceMs);
    },

    end() {
      clearTimeout(timer);
      over.abort();
    },
  };
}
