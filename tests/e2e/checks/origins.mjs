import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { HOSTED, inForms } from '../support/inForms.mjs';
import { register } from '../support/register.mjs';

const SOON_MS = 5000;

/** What a page of that site is told when it asks: a status, or that the browser keeps the answer from it. */
function ask({ url, key }) {
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const body = JSON.stringify({ message: 'Are you there?' });

  return fetch(`${url}/api/widget/chat`, { method: 'POST', headers, body }).then(
    (response) => response.status,
    () => 'refused',
  );
}

/** Asks from the page until it is told that, and how long that took. @param {any} page */
async function until(page, about, wanted) {
  const begun = performance.now();
  let got;

  do got = await page.evaluate(ask, about);
  while (got !== wanted && performance.now() - begun < SOON_MS + 1000);
  assert.equal(got, wanted);
  return performance.now() - begun;
}

const ELSEWHERE = 'https://elsewhere.example';

export const origins = inForms(HOSTED, {
  async 'a site that is taken off the list is refused within five seconds, and served when it is on it again'({ config, site, newChat }) {
    const owner = await register(config.url);
    const about = { url: config.url, key: owner.key };
    const chat = await newChat();

    await owner.setBot({ allowedOrigins: [site.origin] });
    await chat.page.goto(site.address('plain', config.url));
    await until(chat.page, about, 200);
    await chat.visit(config.url, owner.key);
    await chat.ask('What is there?');
    await chat.done();

    await owner.setBot({ allowedOrigins: [ELSEWHERE] });
    const refused = await until(chat.page, about, 'refused');
    assert.ok(refused < SOON_MS, `refused after ${refused} ms`);
    const direct = await fetch(`${config.url}/api/widget/config`, { headers: { origin: site.origin, 'x-api-key': owner.key } });
    assert.equal((await direct.json()).code, 'origin_not_allowed', 'by the gateway, not only the browser');

    await owner.setBot({ allowedOrigins: [site.origin] });
    const served = await until(chat.page, about, 200);
    assert.ok(served < SOON_MS, `served after ${served} ms`);
  },
});
