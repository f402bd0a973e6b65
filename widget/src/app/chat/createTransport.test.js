import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTransport } from './createTransport.js';
import { Problem } from './Problem.js';

const EVENT = 'id: 1-1\nevent: token\ndata: {"text":"a"}\n\n';

/** @returns {any} */
function memory() {
  const map = new Map();

  return { map, getItem: (/** @type {string} */ k) => map.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => map.set(k, v), removeItem: (/** @type {string} */ k) => map.delete(k) };
}

/** @param {string} text */
function bodyOf(text) {
  return new ReadableStream({
    start(controller) {
      if (text) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** @param {boolean} works @returns {any} a socket that tells one event and closes, or only closes */
function createSocket(works) {
  const socket = {
    readyState: 1,
    send() {},
    close() {},
    onopen() {},
    onclose() {},
    onmessage(/** @type {any} */ _) {},
  };

  setImmediate(() => {
    socket.onopen();
    if (works) socket.onmessage({ data: '{"type":"token","id":"1-1","text":"b"}' });
    socket.onclose();
  });
  return socket;
}

/** @param {{healthy?: boolean, works?: boolean, storage?: any}} [ways] */
function start({ healthy = true, works = true, storage = memory() } = {}) {
  const listen = createTransport(async () => healthy, () => storage);

  /** @param {() => any} body @returns {Promise<string[]>} texts and the code that it ended with */
  return async (body) => {
    const heard = [];

    try {
      for await (const { data } of listen({ body: async () => body(), socket: () => createSocket(works), request: {}, signal: new AbortController().signal }))
        heard.push(data.text);
    } catch (error) {
      heard.push(/** @type {Problem} */ (error).code);
    }
    return heard;
  };
}

const nothing = () => bodyOf(': \n\n');
const broken = () => {
  throw new Problem({ code: 'network', retryable: true });
};

test('streams that tell something are gone on with, however often they break', async () => {
  const ask = start();

  for (let n = 0; n < 9; n += 1) assert.deepEqual(await ask(() => bodyOf(EVENT)), ['a', 'network']);
});

test('two in a row that tell nothing while the server is well: a socket, for this tab', async () => {
  const storage = memory();
  const ask = start({ storage });

  assert.deepEqual(await ask(nothing), ['network']);
  assert.deepEqual(await ask(broken), ['network']);
  assert.deepEqual(await ask(() => bodyOf(EVENT)), ['b', 'network']);
  assert.equal(storage.map.size, 0, 'a socket that broke is given up for the stream');
  assert.deepEqual(await ask(() => bodyOf(EVENT)), ['a', 'network']);
});

test('a server that is away is no reason for a socket', async () => {
  const ask = start({ healthy: false });

  for (let n = 0; n < 4; n += 1) assert.deepEqual(await ask(broken), ['network']);
  assert.deepEqual(await ask(() => bodyOf(EVENT)), ['a', 'network']);
});

test('a body that is empty or none leads to a socket at once, a reload later too', async () => {
  const storage = memory();

  for (const held of [() => null, () => bodyOf('')]) {
    storage.map.clear();
    assert.deepEqual(await start({ storage })(held), ['network']);
    assert.deepEqual(await start({ storage })(() => bodyOf(EVENT)), ['b', 'network']);
  }
});

test('a refusal changes nothing', async () => {
  const ask = start();
  const refused = () => {
    throw new Problem({ code: 'busy', status: 503, retryable: true });
  };

  for (let n = 0; n < 4; n += 1) assert.deepEqual(await ask(refused), ['busy']);
  assert.deepEqual(await ask(() => bodyOf(EVENT)), ['a', 'network']);
});
