import { nextDelay } from './nextDelay.js';
import { pause } from './pause.js';
import { Problem } from './Problem.js';

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
  let waiting = false;

  /** @param {string} sessionId @returns {Promise<Problem | null>} why it is not gone yet */
  async function forget(sessionId) {
    try {
      await server.forget(sessionId);
    } catch (error) {
      const problem = Problem.of(error);

      if (problem.retryable) return problem;
    }
    store.set({ gone: store.get().gone.filter((id) => id !== sessionId) });
    return null;
  }

  /** @param {number} retryAfterMs */
  async function later(retryAfterMs) {
    if (waiting) return;
    waiting = true;
    await wait(nextDelay((failures += 1), retryAfterMs), signal, retryAfterMs ? null : world);
    waiting = false;
    if (!signal.aborted) run();
  }

  /** @returns {Promise<boolean>} whether none is left; otherwise it goes on by itself */
  async function run() {
    for (const sessionId of store.get().gone) {
      const problem = await forget(sessionId);

      if (problem) {
        later(problem.retryAfterMs);
        return false;
      }
    }
    failures = 0;
    return true;
  }

  return { run };
}
