import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import { createFiles } from './createFiles.js';
import { Problem } from './Problem.js';

/** @type {any} */
const FILE = Object.assign(new Blob(['abcde']), { name: 'a.pdf' });

/** @type {any} */
const OTHER = Object.assign(new Blob(['fghij']), { name: 'b.pdf' });

/** @param {Record<string, any>} server */
function start(server) {
  /** @type {string[]} */
  const told = [];
  /** @type {number[]} */
  const waits = [];
  const files = createFiles({
    server: /** @type {any} */ (server),
    session: () => 'v1',
    changed: (list) => told.push(list.map((file) => `${file.name} ${file.state}`).join()),
    wait: async (ms) => {
      waits.push(ms);
      await tick();
    },
  });

  return { files, told, waits };
}

test('a file is sent, read and ready', async () => {
  const looks = ['pending', 'pending', 'ready'];
  const { files, told, waits } = start({
    sendFile: async () => ({ items: [{ id: 'fil_1', filename: 'a.pdf', size: 5, status: 'pending' }] }),
    files: async () => ({ items: [{ id: 'fil_1', filename: 'a.pdf', size: 5, status: looks.shift() }] }),
  });

  await files.attach(FILE);
  while (files.list[0].state !== 'ready') await tick();
  assert.deepEqual(told, ['a.pdf sending', 'a.pdf reading', 'a.pdf reading', 'a.pdf reading', 'a.pdf ready']);
  assert.deepEqual(waits, [1000, 2000, 4000]);
});

test('one that cannot be read, or is refused, says why', async () => {
  const { files, told } = start({
    sendFile: async () => {
      throw new Problem({ code: 'too_large', status: 413 });
    },
  });
  const unread = start({ sendFile: async () => ({ items: [{ id: 'fil_1', filename: 'a.pdf', status: 'failed', code: 'encrypted' }] }) });

  await files.attach(FILE);
  await unread.files.attach(FILE);
  assert.deepEqual(told, ['a.pdf sending', 'a.pdf failed']);
});

test('one that is taken off while it is sent goes at the server, too', async () => {
  /** @type {string[]} */
  const dropped = [];
  /** @type {(body: any) => void} */
  let arrive = () => {};
  const { files, told } = start({
    sendFile: () => new Promise((resolve) => (arrive = resolve)),
    dropFile: async (/** @type {string} */ _, /** @type {string} */ id) => dropped.push(id),
  });
  const sent = files.attach(FILE);

  files.detach(files.list[0]);
  arrive({ items: [{ id: 'fil_1', filename: 'a.pdf', status: 'ready' }] });
  await sent;
  assert.deepEqual(dropped, ['fil_1']);
  assert.deepEqual(told, ['a.pdf sending', '']);
});

test('a look that fails is followed by another; a new conversation ends looking', async () => {
  let looks = 0;
  const { files } = start({
    sendFile: async () => ({ items: [{ id: 'fil_1', filename: 'a.pdf', status: 'pending' }] }),
    files: async () => {
      looks += 1;
      throw new Problem({ code: 'network', retryable: true });
    },
  });

  await files.attach(FILE);
  while (looks < 3) await tick();
  files.clear();
  assert.deepEqual(files.list, []);
  const before = looks;

  for (let n = 0; n < 20; n += 1) await tick();
  assert.ok(looks <= before + 1);
});

test('of two that are sent at once neither is shown twice', async () => {
  /** @type {((body: any) => void)[]} */
  const arrive = [];
  const both = ['a.pdf', 'b.pdf'].map((filename) => ({ id: filename, filename, status: 'ready' }));
  const { files, told } = start({
    sendFile: () => new Promise((resolve) => arrive.push(resolve)),
    files: async () => ({ items: both }),
  });
  const sent = [files.attach(FILE), files.attach(OTHER)];

  arrive[0]({ items: [{ ...both[0], status: 'pending' }] });
  // The server has the second one, and has not yet said so.
  for (let n = 0; n < 9; n += 1) await tick();
  arrive[1]({ items: [both[1]] });
  await Promise.all(sent);
  for (let n = 0; n < 9; n += 1) await tick();
  assert.deepEqual(files.list.map(({ id }) => id), ['a.pdf', 'b.pdf']);
  assert.deepEqual(told, [
    'a.pdf sending',
    'a.pdf sending,b.pdf sending',
    'a.pdf reading,b.pdf sending',
    'a.pdf reading,b.pdf ready',
    'a.pdf ready,b.pdf ready',
  ]);
});

test('one that arrives during a look does not vanish with it', async () => {
  /** @type {((body: any) => void)[]} */
  const arrive = [];
  const both = ['a.pdf', 'b.pdf'].map((filename) => ({ id: filename, filename, status: 'ready' }));
  /** @type {((body: any) => void)[]} */
  const looks = [];
  const { files } = start({
    sendFile: () => new Promise((resolve) => arrive.push(resolve)),
    files: () => new Promise((resolve) => looks.push(resolve)),
  });
  const sent = [files.attach(FILE), files.attach(OTHER)];

  arrive[0]({ items: [{ ...both[0], status: 'pending' }] });
  for (let n = 0; n < 9; n += 1) await tick();
  arrive[1]({ items: [both[1]] });
  await Promise.all(sent);
  looks[0]({ items: both.slice(0, 1) });
  for (let n = 0; n < 9; n += 1) await tick();
  looks[1]?.({ items: both });
  for (let n = 0; n < 9; n += 1) await tick();
  assert.deepEqual(files.list.map(({ name, state }) => `${name} ${state}`), ['a.pdf ready', 'b.pdf ready']);
});
