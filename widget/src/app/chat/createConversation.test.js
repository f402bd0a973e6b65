import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConversation } from './createConversation.js';
import { createStore } from './createStore.js';
import { Problem } from './Problem.js';

/** @param {any[][]} events */
async function* bodyOf(events) {
  for (const [id, name, data] of events) yield { id, name, data };
}

const ACCEPTED = ['', 'accepted', { answerId: 'ans_1', sessionId: 'ses_0001' }];
const DONE = ['1-9', 'done', { text: 'whole text' }];

/** @param {Record<string, any>} server @param {object} [saved] */
function start(server, saved = {}) {
  /** @type {any[][]} */
  const calls = [];
  /** @type {string[]} */
  const told = [];
  /** @type {Record<string, any>} */
  const recorded = {};
  /** @type {any[]} */
  let entries = [];
  /** @type {() => void} */
  let ended = () => {};
  const end = new Promise((resolve) => {
    ended = () => resolve(undefined);
  });
  let kept = JSON.stringify(saved);
  const store = createStore('pk', '', () => /** @type {any} */ ({ getItem: () => kept, setItem: (/** @type {string} */ _, /** @type {string} */ text) => (kept = text) }));

  for (const [name, reply] of Object.entries(server))
    recorded[name] = (/** @type {any[]} */ ...call) => {
      calls.push([name, ...call.map((part) => structuredClone(part instanceof AbortSignal ? null : part))]);
      return /ask|join/.test(name) ? reply(...call) : new Promise((resolve) => resolve(reply(...call)));
    };
  const conversation = createConversation({
    server: /** @type {any} */ (recorded),
    store,
    config: { prechat: {} },
    listener: {
      reset: (list) => (entries = [...list]),
      added: (entry) => entries.push(entry),
      files: (list) => told.push(`files ${list.map(({ name, state }) => `${name} ${state}`)}`),
      handoff: (state) => told.push(`handoff ${state}`),
      online() {},
      changed: (entry) => entry.answer.ended && !conversation.busy && ended(),
    },
  });
  const shown = () => entries.map((entry) => (entry.kind === 'question' ? entry.text : entry.answer.text));

  return { conversation, store, calls, told, shown, end, entries: () => entries };
}

test('a question and its answer are shown, the session is kept', async () => {
  const run = start({ ask: () => bodyOf([ACCEPTED, DONE]) });

  await run.conversation.load();
  run.conversation.ask('Why?');
  await run.end;

  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
  assert.match(run.store.get().sessionId, /^v[0-9a-f]{32}$/);
  assert.equal(run.calls[0][1].sessionId, run.store.get().sessionId);
  assert.deepEqual(run.store.get().queue, []);
});

const RUNNING = { question: 'Why?', messageId: 'message-1', answerId: 'ans_1', lastId: '1-4', text: 'whole ', sources: [] };

test('after a reload the running answer goes on behind its last event', async () => {
  const run = start(
    {
      history: () => ({ items: [{ role: 'user', text: 'Old?' }, { role: 'assistant', answerId: 'ans_0', text: 'old' }, { role: 'user', text: 'Why?' }] }),
      join: () => bodyOf([['1-5', 'token', { text: 'text' }], DONE]),
    },
    { sessionId: 'ses_0001', queue: [RUNNING] },
  );

  await run.conversation.load();
  await run.end;

  assert.deepEqual(run.shown(), ['Old?', 'old', 'Why?', 'whole text']);
  assert.deepEqual(run.calls[1].slice(0, 3), ['join', 'ans_1', '1-4']);
});

test('an answer that ended while the page was away comes from the history alone', async () => {
  const run = start(
    { history: () => ({ items: [{ role: 'user', text: 'Why?' }, { role: 'assistant', answerId: 'ans_1', text: 'whole text' }] }) },
    { sessionId: 'ses_0001', queue: [RUNNING] },
  );

  await run.conversation.load();

  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
  assert.deepEqual(run.store.get().queue, []);
  assert.equal(run.conversation.busy, false);
});

test('a question that the server never heard is asked after the reload, under its id', async () => {
  const run = start({ ask: () => bodyOf([ACCEPTED, DONE]) }, { queue: [{ ...RUNNING, answerId: '', lastId: '', text: '' }] });

  await run.conversation.load();
  await run.end;

  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
  assert.equal(run.calls[0][1].messageId, 'message-1');
});

test('a session that the server does not know is left for another', async () => {
  const unknown = new Problem({ code: 'session_unknown', status: 404 });
  const replies = [unknown, bodyOf([ACCEPTED, DONE])];
  const run = start(
    {
      history() {
        throw unknown;
      },
      ask() {
        const reply = replies.shift();

        if (reply instanceof Problem) throw reply;
        return reply;
      },
    },
    { sessionId: 'ses_unknown' },
  );

  await run.conversation.load();
  run.conversation.ask('Why?');
  await run.end;

  assert.match(run.store.get().sessionId, /^v[0-9a-f]{32}$/);
  assert.deepEqual(run.calls.slice(1).map(([, question]) => question.sessionId), ['ses_unknown', run.store.get().sessionId]);
  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
});

test('a question that is stopped on its way is stopped at the server as soon as it has a name there', async () => {
  /** @type {(value?: any) => void} */
  let accept = () => {};
  /** @type {(value?: any) => void} */
  let end = () => {};
  const accepted = new Promise((resolve) => (accept = resolve));
  const ended = new Promise((resolve) => (end = resolve));
  const run = start({
    async *ask() {
      await accepted;
      yield* bodyOf([ACCEPTED]);
      await ended;
      yield* bodyOf([['1-1', 'done', { text: '', finishReason: 'cancelled' }]]);
    },
    stop: () => end(),
  });

  await run.conversation.load();
  run.conversation.ask('Why?');
  const stopped = run.conversation.stop();

  accept();
  await Promise.all([stopped, run.end]);
  assert.deepEqual(run.calls.slice(1), [['stop', 'ans_1']]);
  assert.equal(run.entries()[1].answer.stopped, true);
  assert.deepEqual(run.store.get().queue, []);
});

test('trying again keeps the id unless the answer itself failed', async () => {
  const replies = [
    new Problem({ code: 'rate_limited', status: 429, retryable: true, retryAfterMs: 3600000 }),
    bodyOf([ACCEPTED, ['1-2', 'error', { code: 'upstream_failed', retryable: true }]]),
    bodyOf([ACCEPTED, DONE]),
  ];
  const run = start({
    ask() {
      const reply = replies.shift();

      if (reply instanceof Problem) throw reply;
      return reply;
    },
  });
  const settled = async () => {
    while (run.conversation.busy) await new Promise((resolve) => setImmediate(resolve));
  };

  await run.conversation.load();
  run.conversation.ask('Why?');
  await settled();
  run.conversation.retry(run.entries()[1]);
  await settled();
  run.conversation.retry(run.entries()[1]);
  await settled();
  const ids = run.calls.map(([, question]) => question.messageId);

  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[1], ids[2]);
  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
});

test('a message that was answered long ago is shown from the history', async () => {
  const run = start(
    {
      ask: () => bodyOf([ACCEPTED, ['1-1', 'error', { code: 'conflict', status: 409, retryable: false }]]),
      history: () => ({ items: [{ role: 'user', text: 'Why?' }, { role: 'assistant', answerId: 'ans_0', text: 'whole text' }] }),
    },
    { queue: [{ ...RUNNING, answerId: '', lastId: '', text: '' }] },
  );

  await run.conversation.load();
  while (run.calls.length < 2 || run.conversation.busy) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));

  assert.deepEqual(run.shown(), ['Why?', 'whole text']);
  assert.deepEqual(run.store.get().queue, []);
});

test('a question that was refused for good is not asked again after a reload', async () => {
  const run = start({
    ask() {
      throw new Problem({ code: 'origin_not_allowed', status: 403, retryable: false });
    },
  });

  await run.conversation.load();
  run.conversation.ask('Why?');
  await run.end;

  assert.deepEqual(run.store.get().queue, []);
});

test('a rating that did not arrive is taken back', async () => {
  const run = start(
    {
      history: () => ({ items: [{ role: 'assistant', answerId: 'ans_1', text: 'whole text' }] }),
      rate() {
        throw new Problem({ code: 'network' });
      },
    },
    { sessionId: 'ses_0001' },
  );

  await run.conversation.load();
  await run.conversation.rate(run.entries()[0], 'up');

  assert.equal(run.entries()[0].answer.rating, '');
});

test('a form is wanted until it was sent, and again in a new conversation', async () => {
  const refused = new Problem({ code: 'invalid', status: 400 });
  let replies = [refused, null];
  const run = start({
    sendForm() {
      const reply = replies.shift();

      if (reply) throw reply;
    },
  });

  await run.conversation.load();
  assert.equal(run.conversation.formWanted, true);
  await assert.rejects(run.conversation.sendForm({ email: 'x' }), refused);
  assert.equal(run.conversation.formWanted, true);
  await run.conversation.sendForm({ email: 'x@example.org' });
  assert.equal(run.conversation.formWanted, false);
  assert.deepEqual(run.calls[1], ['sendForm', run.store.get().sessionId, { values: { email: 'x@example.org' } }]);
  run.conversation.clear();
  assert.equal(run.conversation.formWanted, true);
});

test('a form that the server has already is not wanted', async () => {
  const run = start({ history: () => ({ items: [], form: true, handoff: 'waiting' }) }, { sessionId: 'ses_0001' });

  await run.conversation.load();
  assert.equal(run.conversation.formWanted, false);
  assert.deepEqual(run.told, ['handoff waiting']);
});

test('a wish for a person is remembered until it has ended', async () => {
  const states = ['', 'ended'];
  const run = start({ askPerson: () => ({ state: 'waiting', at: '2026-01-01T00:00:00Z' }), history: () => ({ items: [], handoff: states.shift() }) }, { sessionId: 'ses_0001' });

  await run.conversation.load();
  await run.conversation.askPerson({ email: 'x@example.org', note: '' });
  assert.equal(run.store.get().handoff, 'waiting');
  await run.conversation.load();
  assert.deepEqual(run.told, ['handoff waiting', 'handoff ended']);
});

test('files of a conversation are there after a reload, and gone with it', async () => {
  const run = start(
    { history: () => ({ items: [] }), files: () => ({ items: [{ id: 'fil_1', filename: 'a.pdf', size: 3, status: 'ready' }] }) },
    { sessionId: 'ses_0001', files: true },
  );

  await run.conversation.load();
  await new Promise((resolve) => setImmediate(resolve));
  run.conversation.clear();
  assert.deepEqual(run.told, ['files a.pdf ready', 'files ']);
});

test('a comment goes with its thumb', async () => {
  const run = start({ history: () => ({ items: [{ role: 'assistant', answerId: 'ans_1', text: 'whole text' }] }), rate: () => null }, { sessionId: 'ses_0001' });

  await run.conversation.load();
  await run.conversation.rate(run.entries()[0], 'down', 'too long');
  assert.deepEqual(run.calls.at(-1), ['rate', 'ans_1', { rating: 'down', comment: 'too long' }]);
  assert.equal(run.entries()[0].answer.rating, 'down');
});

test('questions of before the history are kept at once and sent once, in their order', async () => {
  /** @type {(body: any) => void} */
  let arrive = () => {};
  const run = start(
    {
      history: () => new Promise((resolve) => (arrive = resolve)),
      ask: (/** @type {any} */ { message }) => bodyOf([['', 'accepted', { answerId: `ans ${message}` }], ['1-1', 'done', { text: 'new' }]]),
    },
    { sessionId: 'ses_0001' },
  );
  const loaded = run.conversation.load();

  run.conversation.ask('One?');
  run.conversation.ask('Two?');
  assert.deepEqual(run.store.get().queue.map(({ question }) => question), ['One?', 'Two?']);
  assert.equal(run.calls.length, 1);
  arrive({ items: [{ role: 'user', text: 'Old?' }, { role: 'assistant', answerId: 'ans_0', text: 'old' }] });
  await loaded;
  while (run.conversation.busy) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(run.calls.slice(1).map(([name, { message }]) => [name, message]), [['ask', 'One?'], ['ask', 'Two?']]);
  assert.deepEqual(run.shown(), ['Old?', 'old', 'One?', 'new', 'Two?', 'new']);
  assert.deepEqual(run.store.get().queue, []);
});

test('a deletion that was refused is not said to be done, and is asked for again', async () => {
  /** @type {(Problem | null)[]} */
  const replies = [new Problem({ code: 'unauthorized', status: 401 }), null];
  const run = start(
    {
      history: () => ({ items: [] }),
      forget() {
        const reply = replies.shift();

        if (reply) throw reply;
        return null;
      },
    },
    { sessionId: 'ses_0001' },
  );

  await run.conversation.load();
  assert.equal(await run.conversation.forget(), false);
  assert.deepEqual(run.store.get().gone, ['ses_0001']);
  await run.conversation.load();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(run.calls.filter(([name]) => name === 'forget'), [['forget', 'ses_0001'], ['forget', 'ses_0001']]);
  assert.deepEqual(run.store.get().gone, []);
});
