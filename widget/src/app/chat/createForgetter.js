import { nextDelay } from './nextDelay.js';
import { pause } from './pause.js';
import { Problem } from './Problem.js';

const DONE = { retryable: false, retryAfterMs: 0 };

/**
 * Has the server delete the conversations that the record says are to go, until it has.
 *
 * @param {object} parts
 * @param {Pick<import('./createServer.js').Server, "forget">} parts.server
 * @param {import('./createStore.js').Store} parts.store
 * @param {AbortSignal} parts.signal
 * @param {typeof pause} [parts.wait]
 * @param {any} [parts.world] the window, or what stands for one
 */
export function createForgetter({ server, store, signal, wait = pause, world }) {
  let failures = 0;

  /** @returns {Promise<boolean>} whether none is left; otherwise it goes on by itself */
  async function run() {
    for (const sessionId of store.get().gone) {
      const { retryable, retryAfterMs } = await server.forget(sessionId).then(() => DONE, Problem.of);

      if (retryable) {
        wait(nextDelay((failures += 1), retryAfterMs), signal, retryAfterMs ? null : world).then(() => signal.aborted || run());
        return false;
      }
      failures = 0;
      store.set({ gone: store.get().gone.filter((id) => id !== sessionId) });
    }
    return true;
  }

  return run;
}
