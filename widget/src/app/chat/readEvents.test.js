import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from './readEvents.js';

const BYTES = new TextEncoder().encode(
  ': hello\r\n\r\nretry: 2000\n\n' +
    'id: 1-1\nevent: start\ndata: {"attempt":1}\n\n' +
    ': keep alive\n\n' +
    'id: 1-2\r\nevent: token\r\ndata: {"text":"Grüße, 世界 🙂"}\r\n\r\n' +
    'event: broken\ndata: {no json\n\n' +
    'id: 1-3\nevent: done\ndata: {"text":\ndata: "x"}\n\n',
);
const EXPECTED = [
  { id: '1-1', name: 'start', data: { attempt: 1 } },
  { id: '1-2', name: 'token', data: { text: 'Grüße, 世界 🙂' } },
  { id: '1-3', name: 'done', data: { text: 'x' } },
];

/** @param {Uint8Array[]} pieces */
function bodyOf(pieces) {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

/** @param {ReadableStream<Uint8Array>} body */
async function collect(body) {
  const events = [];

  for await (const event of readEvents(body)) events.push(event);
  return events;
}

test('events are the same wherever the bytes are cut', async () => {
  for (let cut = 0; cut <= BYTES.length; cut += 1)
    assert.deepEqual(await collect(bodyOf([BYTES.slice(0, cut), BYTES.slice(cut)])), EXPECTED, `cut at ${cut}`);
});

test('events are the same when every byte comes alone', async () => {
  assert.deepEqual(await collect(bodyOf(Array.from(BYTES, (byte) => Uint8Array.of(byte)))), EXPECTED);
});

test('an event that was cut off is not given out', async () => {
  assert.deepEqual(await collect(bodyOf([BYTES.slice(0, BYTES.length - 1)])), EXPECTED.slice(0, 2));
});

test('a broken line fails after the events before it', async () => {
  let pulls = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulls += 1;
      if (pulls === 1) controller.enqueue(BYTES.slice(0, BYTES.length - 1));
      else controller.error(new TypeError('network'));
    },
  }, { highWaterMark: 0 });
  /** @type {any[]} */
  const events = [];

  await assert.rejects(async () => {
    for await (const event of readEvents(body)) events.push(event);
  });
  assert.deepEqual(events, EXPECTED.slice(0, 2));
});

/** @param {Uint8Array[]} pieces then nothing any more */
function silentAfter(pieces) {
  const state = { cancelled: false };
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
    },
    cancel() {
      state.cancelled = true;
    },
  });

  return { state, body };
}

test('a line that falls silent is given up and closed', async () => {
  const { state, body } = silentAfter([BYTES]);
  const events = [];

  for await (const event of readEvents(body, 1000, 20)) events.push(event);
  assert.deepEqual(events, EXPECTED);
  assert.ok(state.cancelled);
});

test('a body that stays empty is held back by somebody', async () => {
  const { state, body } = silentAfter([]);

  await assert.rejects(readEvents(body, 20, 1000).next(), { code: 'buffered' });
  assert.ok(state.cancelled);
});
