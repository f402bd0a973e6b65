const FIRST_MS = 500;
const LONGEST_MS = 15000;

/**
 * How long to wait before the next try: doubling, with jitter so that a thousand visitors of one
 * restarted server do not come back in the same instant.  A Retry-After is never undercut.
 *
 * @param {number} failures in a row, 1 after the first
 * @param {number} [retryAfterMs]
 * @param {() => number} [random] 0 to 1
 */
export function nextDelay(failures, retryAfterMs = 0, random = Math.random) {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  const spread = ceiling / 2 + (ceiling / 2) * random();

  return retryAfterMs ? retryAfterMs + (FIRST_MS / 2) * random() : spread;
}
