import { createParser } from 'eventsource-parser';
import { Problem } from './Problem.js';

/** The server sends a comment every 15 s: this much silence means that the line is dead. */
const SILENCE_MS = 40000;

/** @typedef {{id: string, name: string, data: any}} StreamEvent */

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {number} silenceMs
 */
async function readOrGiveUp(reader, silenceMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Problem({ code: 'network', retryable: true })), silenceMs);
  });

  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} text @returns {any} null for what is not JSON: such an event is skipped */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The events of an SSE body, as they arrive.  Ends when the body ends; fails when the line breaks
 * or stays silent for too long.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} [silenceMs]
 * @returns {AsyncGenerator<StreamEvent, void, void>}
 */
export async function* readEvents(body, silenceMs = SILENCE_MS) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  /** @type {StreamEvent[]} */
  const ready = [];
  const parser = createParser({
    onEvent({ id, event, data }) {
      const parsed = parseJson(data);

      if (parsed && typeof parsed === 'object') ready.push({ id: id ?? '', name: event ?? 'message', data: parsed });
    },
  });

  try {
    for (;;) {
      const { done, value } = /** @type {ReadableStreamReadResult<Uint8Array>} */ (
        await readOrGiveUp(reader, silenceMs)
      );

      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      while (ready.length) yield /** @type {StreamEvent} */ (ready.shift());
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
