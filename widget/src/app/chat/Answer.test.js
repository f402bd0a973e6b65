import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answer } from './Answer.js';

/** @param {Answer} answer @param {[string, string, any][]} events */
function feed(answer, events) {
  return events.map(([id, name, data]) => answer.apply({ id, name, data }));
}

test('tokens join to the text', () => {
  const answer = new Answer();

  feed(answer, [
    ['', 'accepted', { answerId: 'ans_1', sessionId: 'ses_1', position: 3 }],
    ['1-1', 'start', { attempt: 1 }],
    ['1-2', 'sources', { items: [{ n: 1, title: 'a', snippet: 'b' }] }],
    ['1-3', 'token', { text: 'Hel' }],
    ['1-4', 'token', { text: 'lo' }],
  ]);

  assert.equal(answer.text, 'Hello');
  assert.equal(answer.state, 'writing');
  assert.equal(answer.answerId, 'ans_1');
  assert.equal(answer.sources.length, 1);
  assert.equal(answer.lastId, '1-4');
});

test('an event that comes twice changes nothing', () => {
  const answer = new Answer();
  const news = feed(answer, [
    ['1-1', 'start', { attempt: 1 }],
    ['1-2', 'token', { text: 'a' }],
    ['1-1', 'start', { attempt: 1 }],
    ['1-2', 'token', { text: 'a' }],
    ['1-3', 'token', { text: 'b' }],
  ]);

  assert.deepEqual(news, [true, true, false, false, true]);
  assert.equal(answer.text, 'ab');
});

test('a second attempt clears the partial text, and the first can add nothing afterwards', () => {
  const answer = new Answer();

  feed(answer, [
    ['1-1', 'start', { attempt: 1 }],
    ['1-2', 'sources', { items: [{ n: 1 }] }],
    ['1-9', 'token', { text: 'old' }],
    ['2-1', 'start', { attempt: 2 }],
  ]);
  assert.equal(answer.text, '');
  assert.deepEqual(answer.sources, []);

  feed(answer, [
    ['1-10', 'token', { text: 'late' }],
    ['2-2', 'token', { text: 'new' }],
  ]);
  assert.equal(answer.text, 'new');
});

test('the order of ids is one of numbers', () => {
  const answer = new Answer();

  feed(answer, [
    ['1-9', 'token', { text: 'a' }],
    ['1-10', 'token', { text: 'b' }],
  ]);
  assert.equal(answer.text, 'ab');
});

test('done carries the whole text and ends it', () => {
  const answer = new Answer();

  feed(answer, [
    ['1-1', 'token', { text: 'par' }],
    ['1-2', 'done', { text: 'partial no more', finishReason: 'stop' }],
    ['1-3', 'token', { text: 'late' }],
  ]);
  assert.equal(answer.text, 'partial no more');
  assert.ok(answer.ended);
});

test('an error event ends it and uses the question up', () => {
  const answer = new Answer();

  feed(answer, [['1-1', 'error', { code: 'upstream_failed', status: 502, retryable: true }]]);
  assert.equal(answer.state, 'failed');
  assert.equal(answer.problem?.code, 'upstream_failed');
  assert.ok(answer.spent);
});

test('unknown events and data of the wrong kind do no harm', () => {
  const answer = new Answer();

  feed(answer, [
    ['1-1', 'surprise', { text: 'x' }],
    ['1-2', 'token', { text: 5 }],
    ['1-3', 'sources', { items: 'none' }],
    ['1-4', 'token', []],
  ]);
  assert.equal(answer.text, '');
  assert.deepEqual(answer.sources, []);
});
