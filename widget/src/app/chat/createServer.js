import { Problem } from './Problem.js';
import { readProblem } from './readProblem.js';

/** An answer's head must come within this time; its body may take as long as it likes. */
const HEAD_MS = 30000;

/**
 * @typedef {{message: string, messageId: string, sessionId?: string}} Question
 * @typedef {ReturnType<typeof createServer>} Server
 */

/**
 * The only file that talks to the gateway.  Every call fails with a Problem.
 *
 * @param {string} origin
 * @param {string} key
 * @param {Record<string, string>} proof headers that show who the visitor is
 * @param {typeof fetch} [fetcher]
 */
export function createServer(origin, key, proof, fetcher = (...args) => fetch(...args)) {
  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [options]
   * @param {object} [options.body]
   * @param {string} [options.accept]
   * @param {AbortSignal} [options.signal]
   */
  async function call(method, path, { body, accept = 'application/json', signal } = {}) {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = setTimeout(stop, HEAD_MS);

    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      const response = await fetcher(`${origin}/api/widget${path}`, {
        method,
        headers: { ...proof, accept, 'x-api-key': key, ...(body && { 'content-type': 'application/json' }) },
        body: body && JSON.stringify(body),
        signal: abort.signal,
        credentials: 'omit',
        cache: 'no-store',
      });

      if (!response.ok) throw await readProblem(response);
      return response;
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem({ code: 'network', retryable: true });
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {Response} response @returns {ReadableStream<Uint8Array>} */
  function bodyOf(response) {
    if (!response.body) throw new Problem({ code: 'network', retryable: true });
    return response.body;
  }

  const events = 'text/event-stream';
  const answers = (/** @type {string} */ id) => `/answers/${encodeURIComponent(id)}`;

  return {
    /** @returns {Promise<any>} */
    config: async () => (await call('GET', '/config')).json(),

    /** @param {Question} question @param {AbortSignal} signal */
    ask: async (question, signal) =>
      bodyOf(await call('POST', '/chat/stream', { body: question, accept: events, signal })),

    /**
     * @param {string} answerId
     * @param {string} after id of the last event we have, "" for all
     * @param {AbortSignal} signal
     */
    join: async (answerId, after, signal) => {
      const query = after ? `?after=${encodeURIComponent(after)}` : '';

      return bodyOf(await call('GET', `${answers(answerId)}/stream${query}`, { accept: events, signal }));
    },

    /** @param {string} answerId */
    stop: async (answerId) => void (await call('POST', `${answers(answerId)}/stop`, { body: {} })),

    /** @param {string} answerId @param {"up" | "down"} rating */
    rate: async (answerId, rating) => void (await call('POST', `${answers(answerId)}/feedback`, { body: { rating } })),

    /** @param {string} sessionId @returns {Promise<any>} */
    history: async (sessionId) =>
      (await call('GET', `/sessions/${encodeURIComponent(sessionId)}/messages?limit=100`)).json(),
  };
}
