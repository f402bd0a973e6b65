import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServer } from './createServer.js';

/** @param {(url: string, init: any) => any} answer @param {Record<string, string>} [proof] */
function start(answer, proof = {}) {
  /** @type {any[]} */
  const requests = [];
  const server = createServer('https://chat.example', 'pk_live_x', proof, /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ init) => {
    requests.push({ url, ...init });
    return answer(url, init);
  }));

  return { server, requests };
}

const QUESTION = { message: 'Why?', messageId: 'message-1', sessionId: 'v1' };
const no = () => new AbortController().signal;

test('a question carries key, proof, session and its id', async () => {
  const { server, requests } = start(() => new Response('id: 1-1\nevent: token\ndata: {"text":"a"}\n\n'), { 'x-visitor-token': 'jwt' });
  const events = server.ask(QUESTION, no());
  const { value } = await events.next();

  await events.return();
  assert.deepEqual(value, { id: '1-1', name: 'token', data: { text: 'a' } });
  assert.equal(requests[0].url, 'https://chat.example/api/widget/chat/stream');
  assert.equal(requests[0].credentials, 'omit');
  assert.deepEqual(JSON.parse(requests[0].body), QUESTION);
  assert.equal(requests[0].headers['x-api-key'], 'pk_live_x');
  assert.equal(requests[0].headers['x-visitor-token'], 'jwt');
});

test('an answer is joined behind the last event', async () => {
  const { server, requests } = start(() => new Response(''));

  await assert.rejects(server.join('ans_1', '2-7', no(), 'v1').next(), { code: 'network' });
  assert.equal(requests[0].url, 'https://chat.example/api/widget/answers/ans_1/stream?after=2-7');
});

test('every call fails with a Problem: a refusal, a page of a proxy, a body that is no JSON, no line', async () => {
  /** @type {[() => any, object][]} */
  const cases = [
    [() => Response.json({ code: 'session_unknown', retryable: false }, { status: 404 }), { code: 'session_unknown', status: 404, retryable: false }],
    [() => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'retry-after': '3' } }), { code: 'http_502', retryable: true, retryAfterMs: 3000 }],
    [() => new Response('<html>'), { code: 'network', retryable: true }],
    [
      () => {
        throw new TypeError('Failed to fetch');
      },
      { code: 'network', retryable: true },
    ],
  ];

  for (const [answer, problem] of cases) await assert.rejects(start(answer).server.history('v1'), problem);
});

test('a file goes as a form, and nobody but the browser says its type', async () => {
  const { server, requests } = start(() => Response.json({ items: [] }, { status: 201 }));

  const form = new FormData();

  form.append('file', new Blob(['abc']), 'a.txt');
  await server.sendFile('v1', form, no());
  assert.equal(requests[0].url, 'https://chat.example/api/widget/sessions/v1/files');
  assert.equal(requests[0].headers['content-type'], undefined);
  assert.equal(/** @type {any} */ (requests[0].body.get('file')).name, 'a.txt');
});

test('what has no content has none', async () => {
  const { server, requests } = start(() => new Response(null, { status: 204 }));

  assert.equal(await server.forget('v1'), null);
  await server.rate('ans_1', { rating: 'down' });
  assert.deepEqual(requests.map(({ method, body }) => [method, body]), [
    ['DELETE', undefined],
    ['POST', '{"rating":"down"}'],
  ]);
});

test('a socket shows key and visitor as its subprotocols', async () => {
  /** @type {any[]} */
  const opened = [];
  const had = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  /** @type {Record<string, string>[]} */
  const proofs = [{}, { 'x-visitor-token': 'a.b.c' }, { 'x-visitor-id': 'J\u00c3\u00b6\u00c3\u00bf\u00c3\u00bf', 'x-visitor-exp': '99', 'x-visitor-hash': 'ff' }];

  Object.defineProperty(globalThis, 'WebSocket', {
    configurable: true,
    value: class {
      /** @param {any[]} call */
      constructor(...call) {
        opened.push(call);
        setImmediate(() => /** @type {any} */ (this).onclose());
      }
      close() {}
    },
  });
  try {
    for (const proof of proofs) {
      const { server } = start(() => ({ ok: true, body: null }), proof);

      await server.ask(QUESTION, no()).next().catch(() => {});
      await server.ask(QUESTION, no()).next().catch(() => {});
    }
  } finally {
    if (had) Object.defineProperty(globalThis, 'WebSocket', had);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  }
  const id = Buffer.from('J\u00f6\u00ff\u00ff').toString('base64url');

  assert.deepEqual(opened, [
    ['wss://chat.example/ws/chat/v1', ['cc.v1', 'cc.key.pk_live_x']],
    ['wss://chat.example/ws/chat/v1', ['cc.v1', 'cc.key.pk_live_x', 'cc.visitor.a.b.c']],
    ['wss://chat.example/ws/chat/v1', ['cc.v1', 'cc.key.pk_live_x', `cc.visitor.${id}.99.ff`]],
  ]);
});
