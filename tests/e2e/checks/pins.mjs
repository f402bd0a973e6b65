import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Chat } from '../support/Chat.mjs';
import { HOSTED, ONCE, inForms } from '../support/inForms.mjs';
import { psql } from '../support/psql.mjs';
import { register } from '../support/register.mjs';

/** @param {string} snippet the line that an owner copies @returns {Record<string, string>} its attributes */
const attributesOf = (snippet) => Object.fromEntries(Array.from(snippet.matchAll(/ ([\w-]+)(?:="([^"]*)")?/g), ([, name, value]) => [name, value ?? '']));

/** @param {any} owner @returns {Promise<any>} the attributes of the line, src without the host */
async function readSnippet(owner) {
  const { snippet } = await owner.call('GET', `/api/dashboard/widget/${owner.clientId}`);
  const { src, ...rest } = attributesOf(snippet);

  return { ...rest, src: new URL(src).pathname + new URL(src).search };
}

const snippets = inForms(HOSTED, {
  async 'the line that an owner copies works as it is, with its hash, and a loader of another hash is refused'({ config, form, site, newPage }) {
    const owner = await register(config.url);
    const mode = form === 'frame' ? { 'data-mode': 'iframe' } : {};

    await owner.setBot({ allowedOrigins: ['*'] });
    const line = await readSnippet(owner);
    assert.match(line.src, /^\/widget\.js\?v=[0-9a-f]{8}$/);
    assert.match(line.integrity, /^sha384-/);
    assert.match(line['data-bot-id'], /^bot_/);

    const chat = new Chat(await newPage(), form, site);
    await chat.page.goto(site.address('plain', config.url, { ...line, ...mode }));
    await chat.open();
    await chat.ask('Does the line work?');
    await chat.done();

    const page = await newPage();
    await page.goto(site.address('plain', config.url, { ...line, ...mode, integrity: `sha384-${Buffer.alloc(48).toString('base64')}` }));
    assert.equal(await page.evaluate(() => typeof window.ChatConnect), 'undefined');
    assert.equal(await page.locator('chat-connect').count(), 0);
  },
});

const once = inForms(ONCE, {
  async 'a page that has pinned an older loader still gets its very bytes, and today\'s chat'({ config, site, newPage }) {
    assert.ok(config.stack, 'CC_E2E_STACK is wanted');
    const today = await (await fetch(`${config.url}/widget.js`)).text();
    const bytes = Buffer.from(`/* an older one, ${Date.now()} */\n${today}`);
    const version = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    const src = `/widget.js?v=${version}`;

    psql(config.stack, `WITH kept AS (INSERT INTO loaders (version, bytes) VALUES (:'version', decode(:'bytes', 'hex')) RETURNING 1) SELECT json_build_object('kept', count(*)) FROM kept`, { version, bytes: bytes.toString('hex') });
    const kept = await fetch(config.url + src);
    assert.equal(Buffer.compare(Buffer.from(await kept.arrayBuffer()), bytes), 0);
    assert.match(String(kept.headers.get('cache-control')), /immutable/);

    const chat = new Chat(await newPage(), 'bubble', site);
    const integrity = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
    await chat.page.goto(site.address('plain', config.url, { src, integrity, crossorigin: 'anonymous', 'data-api-key': config.key }));
    await chat.open();
    await chat.ask(config.question);
    await chat.done();
  },
});

export const pins = [...snippets, ...once];
