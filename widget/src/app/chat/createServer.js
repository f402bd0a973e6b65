import { createTransport } from './createTransport.js';
import { Problem } from './Problem.js';
import { readProblem } from './readProblem.js';

/** An answer's head must come within this time; its body may take as long as it likes. */
const HEAD_MS = 30000;
/** A file of five megabytes over a bad line. */
const UPLOAD_MS = 300000;

/**
 * @typedef {{message: string, messageId: string, sessionId: string}} Question
 * @typedef {ReturnType<typeof createServer>} Server
 */

/** @param {string} bytes @returns {string} base64url, as the names of subprotocols can have it */
const base64url = (bytes) => btoa(bytes).replace(/[+/=]/g, (c) => ({ '+': '-', '/': '_' })[c] ?? '');

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
   * @template T
   * @param {string} method
   * @param {string} path
   * @param {object} options
   * @param {object} [options.body]
   * @param {string} [options.accept]
   * @param {AbortSignal} [options.signal]
   * @param {number} [options.headMs]
   * @param {(response: Response) => T | Promise<T>} options.read
   */
  async function call(method, path, { body, accept = 'application/json', signal, headMs = HEAD_MS, read }) {
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = setTimeout(stop, headMs);
    const plain = !body || body instanceof FormData;

    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      const response = await fetcher(`${origin}/api/widget${path}`, {
        method,
        headers: { ...proof, accept, 'x-api-key': key, ...(!plain && { 'content-type': 'application/json' }) },
        body: plain ? body : JSON.stringify(body),
        signal: abort.signal,
        credentials: 'omit',
        cache: 'no-store',
      });

      if (!response.ok) throw await readProblem(response);
      return await read(response);
    } catch (error) {
      throw Problem.of(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {string} method @param {string} path @param {object} [options] @returns {Promise<any>} */
  const json = (method, path, options) =>
    call(method, path, { ...options, read: (response) => (response.status === 204 ? null : response.json()) });

  const listen = createTransport(() => json('GET', '/config').then(() => true, () => false));

  /** Browsers set no headers on a socket. @param {string} sessionId */
  function socket(sessionId) {
    const { 'x-visitor-token': token, 'x-visitor-id': id, 'x-visitor-exp': exp, 'x-visitor-hash': hash } = proof;
    const visitor = token || (id && `${base64url(id)}.${exp}.${hash}`);
    const protocols = ['cc.v1', `cc.key.${key}`, ...(visitor ? [`cc.visitor.${visitor}`] : [])];

    return new WebSocket(`${origin.replace('http', 'ws')}/ws/chat/${sessionId}`, protocols);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} request the same as a frame of the socket
   * @param {{body?: object, signal: AbortSignal, sessionId: string}} options
   */
  const answer = (method, path, request, { body, signal, sessionId }) =>
    listen({
      body: () => call(method, path, { body, accept: 'text/event-stream', signal, read: (response) => response.body }),
      socket: () => socket(sessionId),
      request,
      signal,
    });

  const answers = (/** @type {string} */ id) => `/answers/${encodeURIComponent(id)}`;
  const sessions = (/** @type {string} */ id) => `/sessions/${encodeURIComponent(id)}`;

  return {
    config: () => json('GET', '/config'),

    /** @param {Question} question @param {AbortSignal} signal */
    ask(question, signal) {
      const { sessionId, ...message } = question;

      return answer('POST', '/chat/stream', { type: 'message', ...message }, { body: question, signal, sessionId });
    },

    /**
     * @param {string} answerId
     * @param {string} after id of the last event we have, "" for all
     * @param {AbortSignal} signal
     * @param {string} sessionId
     */
    join(answerId, after, signal, sessionId) {
      const query = after && `?after=${encodeURIComponent(after)}`;
      const request = { type: 'resume', answerId, ...(after && { after }) };

      return answer('GET', `${answers(answerId)}/stream${query}`, request, { signal, sessionId });
    },

    /** @param {string} answerId */
    stop: (answerId) => json('POST', `${answers(answerId)}/stop`, { body: {} }),

    /** @param {string} answerId @param {"up" | "down"} rating @param {string} comment */
    rate: (answerId, rating, comment) =>
      json('POST', `${answers(answerId)}/feedback`, { body: { rating, ...(comment && { comment }) } }),

    /** @param {string} sessionId */
    history: (sessionId) => json('GET', `${sessions(sessionId)}/messages?limit=100`),

    /** @param {string} sessionId */
    forget: (sessionId) => json('DELETE', sessions(sessionId)),

    /** @param {string} sessionId @param {Record<string, string | boolean>} values */
    sendForm: (sessionId, values) => json('POST', `${sessions(sessionId)}/form`, { body: { values } }),

    /** @param {string} sessionId @param {{email?: string, note?: string}} about */
    askPerson: (sessionId, about) => json('POST', `${sessions(sessionId)}/handoff`, { body: about }),

    /** @param {string} sessionId */
    files: (sessionId) => json('GET', `${sessions(sessionId)}/files`),

    /** @param {string} sessionId @param {File} file @param {AbortSignal} signal */
    sendFile(sessionId, file, signal) {
      const body = new FormData();

      body.append('file', file, file.name);
      return json('POST', `${sessions(sessionId)}/files`, { body, signal, headMs: UPLOAD_MS });
    },

    /** @param {string} sessionId @param {string} id */
    dropFile: (sessionId, id) => json('DELETE', `${sessions(sessionId)}/files/${encodeURIComponent(id)}`),
  };
}
