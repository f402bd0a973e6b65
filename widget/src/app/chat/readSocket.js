import { parseJson } from './parseJson.js';
import { Problem } from './Problem.js';
import { watchLine } from './watchLine.js';

/** The server answers each, so that a dead line is heard. */
const PING_MS = 15000;
const SILENCE_MS = 40000;

/**
 * One answer's events out of a WebSocket, the same as those of the SSE body.  Ends when the socket
 * closes or stays silent for too long; fails when the gateway refuses.
 *
 * @param {WebSocket} socket
 * @param {object} request its first frame
 * @param {AbortSignal} signal
 * @param {number} [silenceMs]
 * @returns {AsyncGenerator<import('./readEvents.js').StreamEvent, void, void>}
 */
export async function* readSocket(socket, request, signal, silenceMs = SILENCE_MS) {
  /** @type {any[]} */
  const ready = [];
  let over = signal.aborted;
  let news = () => {};
  const end = () => {
    over = true;
    news();
  };
  const line = watchLine(end, silenceMs, silenceMs);
  /** @param {object} frame */
  const send = (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame));
  const timer = setInterval(() => send({ type: 'ping' }), PING_MS);

  signal.addEventListener('abort', end);
  socket.onopen = () => send(request);
  socket.onclose = socket.onerror = end;
  socket.onmessage = ({ data }) => {
    const frame = parseJson(data);

    line.heard();
    if (frame && !/^(hello|pong)$/.test(frame.type)) ready.push(frame);
    news();
  };
  try {
    for (;;) {
      while (ready.length) {
        const { type, id = '', ...data } = ready.shift();

        // An answer's own error has its number in the stream; one without says no to the request.
        if (type === 'error' && !id) throw Problem.read(data);
        yield { id, name: type, data };
      }
      if (over) return;
      await new Promise((resolve) => (news = () => resolve(0)));
    }
  } finally {
    clearInterval(timer);
    line.end();
    signal.removeEventListener('abort', end);
    socket.close();
  }
}
