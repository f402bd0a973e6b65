import { parseJson } from './parseJson.js';
import { Problem } from './Problem.js';
import { splitEvents } from './splitEvents.js';
import { watchLine } from './watchLine.js';

/** The server writes at once.  A body that stays empty for so long is held back by a proxy. */
const FIRST_MS = 8000;
/** The server sends a comment every 15 s: this much silence means that the line is dead. */
const SILENCE_MS = 40000;

/** @typedef {{id: string, name: string, data: any}} StreamEvent */

/**
 * The events of an SSE body, as they arrive.  Ends when the body ends or stays silent for too
 * long, fails when the line breaks; "buffered" when nothing at all has come.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} [firstMs]
 * @param {number} [silenceMs]
 * @returns {AsyncGenerator<StreamEvent, void, void>}
 */
export async function* readEvents(body, firstMs = FIRST_MS, silenceMs = SILENCE_MS) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const close = () => void reader.cancel().catch(() => {});
  const line = watchLine(close, firstMs, silenceMs);
  let heard = false;
  const split = splitEvents();

  try {
    for (;;) {
      const { done, value } = await reader.read();

      if (done && !heard) throw new Problem({ code: 'buffered', retryable: true });
      if (done) return;
      heard = true;
      line.heard();
      for (const { id, event, data } of split(decoder.decode(value, { stream: true }))) {
        const parsed = parseJson(data);

        if (parsed) yield { id, name: event, data: parsed };
      }
    }
  } finally {
    line.end();
    close();
  }
}
