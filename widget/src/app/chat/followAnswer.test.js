import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answer } from './Answer.js';
import { followAnswer } from './followAnswer.js';
import { Problem } from './Problem.js';

const ACCEPTED = ['', 'accepted', { answerId: 'ans_1', sessionId: 'ses_1', position: 0 }];
const EVENTS = [
  ['1-1', 'start', { attempt: 1 }],
  ['1-2', 'sources', { items: [{ n: 1, title: 't', snippet: 's' }] }],
  ['1-3', 'token', { text: 'One ' }],
  ['1-4', 'token', { text: 'two ' }],
  ['1-5', 'token', { text: 'three' }],
  ['1-6', 'done', { text: 'One two three', finishReason: 'stop' }],
];

/** @param {any[][]} events then the line is lost */
async function* bodyOf(events) {
  for (const [id, name, data] of events) yield { id, name, data };
  throw new Problem({ code: 'network', retryable: true });
}

/** Answers each call with the next reply; a Problem is thrown. @param {any[]} replies */
function scripted(replies) {
  /** @type {any[][]} */
  const calls = [];
  /** @param {any[]} call */
  async function* next(...call) {
    const reply = replies.shift();

    calls.push(call);
    if (reply instanceof Error) throw reply;
    yield* reply;
  }

  return {
    calls,
    server: {
      ask: (/** @type {any} */ question) => next('ask', question),
      join: (/** @type {string} */ id, /** @type {string} */ after) => next('join', id, after),
    },
  };
}

/** @param {any[]} replies @param {object} [more] */
async function follow(replies, more = {}) {
  const answer = new Answer();
  const { calls, server } = scripted(replies);
  /** @type {number[]} */
  const waits = [];

  await followAnswer({
    server,
    answer,
    question: { message: 'How?', messageId: 'm1', sessionId: 'ses_1' },
    renew: () => 'vnew',
    changed() {},
    signal: new AbortController().signal,
    wait: async (ms) => void waits.push(ms),
    world: { navigator: { onLine: true } },
    ...more,
  });
  return { answer, calls, waits };
}

test('an answer without trouble needs one request', async () => {
  const { answer, calls } = await follow([bodyOf([ACCEPTED, ...EVENTS])]);

  assert.equal(answer.text, 'One two three');
  assert.deepEqual(calls.map(([what]) => what), ['ask']);
});

test('cut behind any event, it is joined behind the last one and the text is whole', async () => {
  for (let cut = 0; cut < EVENTS.length; cut += 1) {
    const { answer, calls, waits } = await follow([bodyOf([ACCEPTED, ...EVENTS.slice(0, cut)]), bodyOf(EVENTS.slice(cut))]);

    assert.equal(answer.state, 'done');
    assert.equal(answer.text, 'One two three');
    assert.deepEqual(calls[1], ['join', 'ans_1', cut ? EVENTS[cut - 1][0] : '']);
    assert.equal(waits.length, 1);
  }
});

test('a server that sends everything again does not double a token', async () => {
  const { answer } = await follow([bodyOf([ACCEPTED, ...EVENTS.slice(0, 4)]), bodyOf(EVENTS.slice(0, 5)), bodyOf(EVENTS)]);

  assert.equal(answer.text, 'One two three');
});

test('a question that was not accepted is asked again under the same id', async () => {
  const lost = new Problem({ code: 'network', retryable: true });
  const { answer, calls } = await follow([lost, lost, bodyOf([ACCEPTED, ...EVENTS])]);

  assert.equal(answer.state, 'done');
  assert.deepEqual(calls.map(([what, question]) => [what, question.messageId]), [['ask', 'm1'], ['ask', 'm1'], ['ask', 'm1']]);
});

test('Retry-After of 429 and 503 is honoured', async () => {
  for (const status of [429, 503]) {
    const busy = new Problem({ code: 'busy', status, retryable: true, retryAfterMs: 7000 });
    const { answer, waits } = await follow([busy, bodyOf([ACCEPTED, ...EVENTS])]);

    assert.equal(answer.state, 'done');
    assert.ok(waits[0] >= 7000 && waits[0] < 8000, `waited ${waits[0]}`);
  }
});

test('a wish to wait for an hour is left to the visitor', async () => {
  const busy = new Problem({ code: 'rate_limited', status: 429, retryable: true, retryAfterMs: 3600000 });
  const { answer, waits } = await follow([busy]);

  assert.equal(answer.state, 'failed');
  assert.deepEqual(waits, []);
});

test('a refusal is final', async () => {
  const refused = new Problem({ code: 'origin_not_allowed', status: 403, retryable: false });
  const { answer, calls } = await follow([refused]);

  assert.equal(answer.state, 'failed');
  assert.equal(answer.spent, false);
  assert.equal(calls.length, 1);
});

test('a session that the server does not know is replaced once and the question asked anew', async () => {
  const gone = new Problem({ code: 'session_unknown', status: 404 });
  const { answer, calls } = await follow([gone, bodyOf([ACCEPTED, ...EVENTS])]);

  assert.equal(answer.state, 'done');
  assert.equal(calls[0][1].sessionId, 'ses_1');
  assert.equal(calls[1][1].sessionId, 'vnew');
});

test('an answer that the server lost is asked for again under the same id', async () => {
  const gone = new Problem({ code: 'not_found', status: 404 });
  const { answer, calls } = await follow([bodyOf([ACCEPTED, ...EVENTS.slice(0, 4)]), gone, bodyOf([ACCEPTED, ...EVENTS])]);

  assert.equal(answer.text, 'One two three');
  assert.deepEqual(calls.map(([what]) => what), ['ask', 'join', 'ask']);
  assert.equal(calls[2][1].messageId, 'm1');
});

test('it gives up after ten failures in a row, and progress begins the count anew', async () => {
  const lost = () => new Problem({ code: 'network', retryable: true });
  const given = await follow(Array.from({ length: 20 }, lost));

  assert.equal(given.answer.state, 'failed');
  assert.equal(given.calls.length, 11);

  const pieces = EVENTS.flatMap((event) => [...Array.from({ length: 9 }, lost), bodyOf([event])]);
  const kept = await follow([bodyOf([ACCEPTED]), ...pieces]);

  assert.equal(kept.answer.text, 'One two three');
});

test('tries without a network do not count, but become rarer', async () => {
  let tries = 0;
  const lost = () => new Problem({ code: 'network', retryable: true });
  const { answer, waits } = await follow([...Array.from({ length: 50 }, lost), bodyOf([ACCEPTED, ...EVENTS])], {
    world: { navigator: { get onLine() { return (tries += 1) > 50; } } },
  });

  assert.equal(answer.state, 'done');
  assert.ok(waits[40] >= 7500, `waited ${waits[40]}`);
});

test('one who leaves hears nothing more and fails nothing', async () => {
  const leave = new AbortController();
  const { answer } = await follow([bodyOf([ACCEPTED, ...EVENTS.slice(0, 3)])], {
    signal: leave.signal,
    changed: () => leave.abort(),
  });

  assert.equal(answer.state, 'waiting');
});
