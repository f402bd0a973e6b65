import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pause } from './pause.js';

/** @returns {any} */
const createWorld = () => Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { hidden: false }) });

/** @param {Promise<void>} waiting @returns {Promise<boolean>} whether it ended within a moment */
const over = (waiting) => Promise.race([waiting.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 20))]);

test('a pause ends when the network is back, when the page is seen, and when nobody waits any more', async () => {
  const world = createWorld();
  const leave = new AbortController();
  const wait = () => pause(1e6, leave.signal, world);
  const ends = [
    () => world.dispatchEvent(new Event('online')),
    () => world.dispatchEvent(new Event('pageshow')),
    () => world.document.dispatchEvent(new Event('visibilitychange')),
    () => leave.abort(),
  ];

  for (const end of ends) {
    const waiting = wait();

    end();
    assert.equal(await over(waiting), true);
  }
  assert.equal(await over(wait()), true, 'nobody waits');
});

test('a page that is hidden does not end it', async () => {
  const world = createWorld();
  const leave = new AbortController();
  const waiting = pause(1e6, leave.signal, world);

  world.document.hidden = true;
  world.document.dispatchEvent(new Event('visibilitychange'));
  assert.equal(await over(waiting), false);
  leave.abort();
});

test('a wish of the server is waited for, whatever happens', async () => {
  const waiting = pause(1e6, AbortSignal.timeout(200), null);

  globalThis.dispatchEvent?.(new Event('online'));
  assert.equal(await over(waiting), false);
});
