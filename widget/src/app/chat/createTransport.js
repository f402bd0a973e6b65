import { Problem } from './Problem.js';
import { readEvents } from './readEvents.js';
import { readSocket } from './readSocket.js';

const NAME = 'chatconnect:socket';
/** So many streams in a row that broke before their first event, while the server was well. */
const STRIKES = 2;

/**
 * @typedef {object} Way
 * @property {() => Promise<ReadableStream<Uint8Array> | null>} body of an SSE answer
 * @property {() => WebSocket} socket
 * @property {object} request the socket's first frame
 * @property {AbortSignal} signal
 */

/**
 * Server-sent events, or a WebSocket where they cannot pass: a proxy holds the body back, or breaks
 * it again and again.  Remembered for the tab; when the socket does not pass either, events again.
 *
 * @param {() => Promise<boolean>} healthy whether plain requests pass
 * @param {() => Storage} [open] may throw
 */
export function createTransport(healthy, open = () => sessionStorage) {
  let bySocket = false;
  let strikes = 0;

  try {
    bySocket = !!open().getItem(NAME);
  } catch {}

  /** @param {boolean} now */
  function choose(now) {
    bySocket = now;
    strikes = 0;
    try {
      if (now) open().setItem(NAME, '1');
      else open().removeItem(NAME);
    } catch {}
  }

  /** @param {Problem} problem */
  async function lose({ code, status }) {
    if (status) return;
    if (bySocket) choose(false);
    else if (code === 'buffered' || ((strikes += 1) >= STRIKES && (await healthy()))) choose(true);
  }

  /** @param {Way} way */
  async function* connect({ body, socket, request, signal }) {
    if (bySocket) return yield* readSocket(socket(), request, signal);
    const stream = await body();

    if (!stream) throw new Problem({ code: 'buffered', retryable: true });
    yield* readEvents(stream);
  }

  /**
   * An answer's events.  Never ends by itself: fails when the line is lost or the server refuses.
   *
   * @param {Way} way
   * @returns {AsyncGenerator<import('./readEvents.js').StreamEvent, void, void>}
   */
  return async function* listen(way) {
    let problem = Problem.of(null);

    try {
      for await (const event of connect(way)) {
        strikes = 0;
        yield event;
      }
    } catch (error) {
      problem = Problem.of(error);
    }
    if (!way.signal.aborted) await lose(problem);
    throw problem.status ? problem : Problem.of(null);
  };
}
