import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecord } from './readRecord.js';

const WAITING = { question: 'Why?', messageId: 'message-1', answerId: 'ans_1', lastId: '1-4', text: 'whole ', sources: [{ n: 1, title: 't', snippet: 's' }] };
const NOTHING = { who: '', sessionId: '', open: false, queue: [], last: '', gone: [], form: false, files: false, handoff: '' };

test('what has another shape counts as absent', () => {
  const odd = ['', 'x', '{"sessionId":', '5', 'null', '[]', '"text"', `{"sessionId":"ses_0001","pad":"${'x'.repeat(2 ** 20)}"}`];

  for (const text of [null, ...odd]) assert.deepEqual(readRecord(text, ''), NOTHING, String(text).slice(0, 40));
});

test('members of another shape are left out', () => {
  const record = readRecord(
    JSON.stringify({
      sessionId: '../../etc/passwd',
      open: 'yes',
      queue: [null, 5, { question: 5, messageId: 'message-1' }, { question: 'no id' }, { ...WAITING, messageId: 'a b' }, { ...WAITING, sources: 'x', answerId: 7 }],
      gone: ['a b', 'ses_0002', '<img>'],
      last: {},
      form: 1,
    }),
    '',
  );

  assert.deepEqual(record, { ...NOTHING, queue: [{ ...WAITING, sources: [], answerId: '' }], gone: ['ses_0002'] });
});

test('a text without its place in the stream is told anew', () => {
  const [waiting] = readRecord(JSON.stringify({ queue: [{ ...WAITING, lastId: 'after everything' }] }), '')?.queue ?? [];

  assert.deepEqual(waiting, { ...WAITING, lastId: '', text: '', sources: [] });
});

test("another visitor's is not ours", () => {
  assert.equal(readRecord('{"who":"ada"}', 'ben'), null);
  assert.equal(readRecord('{"who":"ada"}', ''), null);
  assert.equal(readRecord('{}', 'ben'), null);
  assert.equal(readRecord('{"who":"ada"}', 'ada')?.who, 'ada');
});
