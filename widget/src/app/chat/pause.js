/**
 * Waits, but not longer than it takes the browser to come back online.  Never fails: a caller
 * looks at its signal.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @param {EventTarget} [network] tells "online"
 * @returns {Promise<void>}
 */
export function pause(ms, signal, network = globalThis) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      network.removeEventListener?.('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);

    signal.addEventListener('abort', end);
    network.addEventListener?.('online', end);
    if (signal.aborted) end();
  });
}
