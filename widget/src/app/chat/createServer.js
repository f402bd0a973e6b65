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
   * @param {(response: Response) => T | Promise<T>} read
   * @param {string} method
   * @param {string} path
   * @param {object} [body] a form goes as it is
   * @param {AbortSignal} [signal]
   */
  async function call(read, method, path, body, signal) {
    const form = body instanceof FormData ? body : null;
    const abort = new AbortController();
    const stop = () => abort.abort();
    const timer = setTimeout(stop, form ? UPLOAD_MS : HEAD_MS);

    signal?.addEventListener('abort', stop);
    try {
      const response = await fetcher(`${origin}/api/widget${path}`, {
        method,
        headers: { ...proof, 'x-api-key': key, ...(body && !form && { 'content-type': 'application/json' }) },
        body: form ?? (body && JSON.stringify(body)),
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

  /** @type {(method: string, path: string, body?: object, signal?: AbortSignal) => Promise<any>} */
  const json = (...request) => call((response) => (response.status === 204 ? null : response.json()), ...request);

  /** @param {string} method @param {string} [what] @returns {(sessionId: string, body?: object, signal?: AbortSignal) => Promise<any>} */
  const session = (method, what = '') => (sessionId, ...more) => json(method, `/sessions/${sessionId}${what}`, ...more);

  const listen = createTransport(() => json('GET', '/config').then(() => true, () => false));

  /** Browsers set no headers on a socket. @param {string} sessionId */
  function socket(sessionId) {
    const { 'x-visitor-token': token, 'x-visitor-id': id, 'x-visitor-exp': exp, 'x-visitor-hash': hash } = proof;
    const visitor = token || (id && `${base64url(id)}.${exp}.${hash}`);
    const protocols = ['cc.v1', `cc.key.${key}`, ...(visitor ? [`cc.visitor.${visitor}`] : [])];

    return new WebSocket(`${origin.replace('http', 'ws')}/ws/chat/${sessionId}`, protocols);
  }

  /** @param {object} frame the same request to the socket @param {string} sessionId @param {[string, string, object | undefined, AbortSignal]} request */
  const answer = (frame, sessionId, ...request) =>
    listen({ body: () => call((response) => response.body, ...request), socket: () => socket(sessionId), request: frame, signal: request[3] });

  return {
    config: () => json('GET', '/config'),

    /** @param {Question} question @param {AbortSignal} signal */
    ask: (question, signal) => answer({ type: 'message', ...question }, question.sessionId, 'POST', '/chat/stream', question, signal),

    /** @param {string} answerId @param {string} after id of the last event we have, "" for all @param {AbortSignal} signal @param {string} sessionId */
    join: (answerId, after, signal, sessionId) =>
      answer({ type: 'resume', answerId, after: after || undefined }, sessionId, 'GET', `/answers/${answerId}/stream?after=${after}`, undefined, signal),

    /** @param {string} answerId */
    stop: (answerId) => json('POST', `/answers/${answerId}/stop`, {}),

    /** @param {string} answerId @param {{rating: "up" | "down", comment?: string}} opinion */
    rate: (answerId, opinion) => json('POST', `/answers/${answerId}/feedback`, opinion),

    history: session('GET', '/messages?limit=100'),
    forget: session('DELETE'),
    sendForm: session('POST', '/form'),
    askPerson: session('POST', '/handoff'),
    files: session('GET', '/files'),
    sendFile: session('POST', '/files'),

    /** @param {string} sessionId @param {string} id */
    dropFile: (sessionId, id) => json('DELETE', `/sessions/${sessionId}/files/${id}`),
  };
}
