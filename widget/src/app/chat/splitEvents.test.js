import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitEvents } from './splitEvents.js';

test('fields, comments and spaces are read as the standard has them', () => {
  const [event] = splitEvents()(':a comment\nid:7\nevent: token\ndata:  two\ndata:\ndata: lines\nretry: 5\n\n');

  assert.deepEqual([event.id, event.event, event.data], ['7', 'token', ' two\n\nlines\n']);
});

test('an event comes when it is complete and not before', () => {
  const split = splitEvents();

  assert.deepEqual(split('id: 1\r\nda'), []);
  assert.deepEqual(split('ta: x\r\n'), []);
  assert.deepEqual(split('\r'), []);
  assert.deepEqual(split('\nid: 2\n\n').map(({ id }) => id), ['1', '2']);
});

test('an id is that of its own event', () => {
  const events = splitEvents()('id: 1\ndata: a\n\ndata: b\n\n');

  assert.deepEqual(events.map(({ id }) => id), ['1', '']);
});
