import { onWake } from './onWake.js';

/**
 * Waits, but not longer than it takes the page to wake.  Never fails: a caller looks at its signal.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @param {any} [world] the window that may wake; null: the whole time, whatever happens
 * @returns {Promise<void>}
 */
export function pause(ms, signal, world = globalThis) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);

    signal.addEventListener('abort', end, { signal: over.signal });
    if (world) onWake(end, over.signal, world);
    if (signal.aborted) end();
  });
}
