import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSocket } from './readSocket.js';

/** @returns {any} a socket in the test's hands */
function createSocket() {
  return {
    readyState: 0,
    /** @type {any[]} */
    sent: [],
    closed: 0,
    open() {
      this.readyState = 1;
      this.onopen();
    },
    /** @param {any} frame */
    tell(frame) {
      this.onmessage({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
    },
    /** @param {string} text */
    send(text) {
      this.sent.push(JSON.parse(text));
    },
    close() {
      this.closed += 1;
    },
  };
}

/** @param {any} socket @param {{signal?: AbortSignal, silenceMs?: number}} [ways] */
function read(socket, { signal = new AbortController().signal, silenceMs = 1000 } = {}) {
  /** @type {any[]} */
  const events = [];
  const end = (async () => {
    for await (const event of readSocket(socket, { type: 'message', message: 'Why?' }, signal, silenceMs)) events.push(event);
  })();

  return { events, end };
}

test('the request goes first, the events are those of the stream', async () => {
  const socket = createSocket();
  const { events, end } = read(socket);

  socket.open();
  socket.tell({ type: 'hello', sessionId: 'v1' });
  socket.tell({ type: 'accepted', answerId: 'ans_1', position: 2 });
  socket.tell('no json');
  socket.tell({ type: 'pong' });
  socket.tell({ type: 'token', id: '1-2', answerId: 'ans_1', text: 'a' });
  socket.tell({ type: 'error', id: '1-3', answerId: 'ans_1', code: 'upstream_failed' });
  socket.onclose();
  await end;
  assert.deepEqual(socket.sent, [{ type: 'message', message: 'Why?' }]);
  assert.deepEqual(events, [
    { id: '', name: 'accepted', data: { answerId: 'ans_1', position: 2 } },
    { id: '1-2', name: 'token', data: { answerId: 'ans_1', text: 'a' } },
    { id: '1-3', name: 'error', data: { answerId: 'ans_1', code: 'upstream_failed' } },
  ]);
  assert.equal(socket.closed, 1);
});

test('a refused frame is a refusal, with the wish of the server', async () => {
  const socket = createSocket();
  const { end } = read(socket);

  socket.open();
  socket.tell({ type: 'error', messageId: 'm', code: 'rate_limited', status: 429, retryable: true, retryAfter: 7 });
  await assert.rejects(end, { code: 'rate_limited', status: 429, retryable: true, retryAfterMs: 7000 });
});

test('silence and leaving end it', async () => {
  const silent = createSocket();
  const left = createSocket();
  const leave = new AbortController();
  const reading = read(left, { signal: leave.signal });

  await read(silent, { silenceMs: 20 }).end;
  leave.abort();
  await reading.end;
  assert.deepEqual([silent.closed, left.closed], [1, 1]);
});
