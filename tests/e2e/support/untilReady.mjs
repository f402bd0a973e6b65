import { setTimeout as pause } from 'node:timers/promises';

const TRIES = 600;

/** Until the gateway serves. @param {string} url */
export async function untilReady(url) {
  for (let i = 0; i < TRIES; i += 1) {
    const ok = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );

    if (ok) return;
    await pause(50);
  }
  throw new Error(`${url} did not get ready`);
}
