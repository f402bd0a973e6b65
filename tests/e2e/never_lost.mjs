/*
 * Visitors whose line, page, gateway and worker all break in mid-answer: what they see in the end is
 * what the model says, stored once and charged once.
 *
 * node never_lost.mjs [--runs N] [--at-once N] [--form bubble|frame|page|all] [--seed N] [--calm]
 *
 * Each run is a visitor with one question to a slow scripted bot: his socket is cut in the middle of
 * five random tokens, then his page is reloaded.  Once per round of visitors every gateway and
 * every worker is killed, as a crash would, and started again.  --calm breaks nothing.  Needs
 * CC_E2E_URL, CC_E2E_KEY and CC_E2E_STACK (support/config.mjs); lines end with "N passed, N failed".
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { openBrowser } from './support/browser.mjs';
import { Chat } from './support/Chat.mjs';
import { makeBot, readConfig } from './support/config.mjs';
import { ALL } from './support/inForms.mjs';
import { openSite } from './support/openSite.mjs';
import { crash } from './support/processes.mjs';
import { openProxy } from './support/proxy.mjs';
import { psql } from './support/psql.mjs';
import { scriptedText } from './support/scriptedText.mjs';
import { untilReady } from './support/untilReady.mjs';

const LENGTH = 80;
const MODEL = `scripted:mock-ttft200-itl50-len${LENGTH}`;
const CUTS = 5;
const LONGEST_MS = 100000;
const OPTIONS = /** @type {const} */ ({
  runs: { type: 'string', default: '200' },
  'at-once': { type: 'string', default: '10' },
  form: { type: 'string', default: 'all' },
  seed: { type: 'string', default: String(Date.now() % 1000000) },
  calm: { type: 'boolean', default: false },
});

/** The conversation that began with a question, and what was charged for it. */
const STORED = `
  WITH s AS (SELECT DISTINCT tenant_id, session_id FROM messages WHERE role = 'user' AND text = :'question')
  SELECT json_build_object(
    'messages', (SELECT json_agg(json_build_array(m.role, m.text) ORDER BY m.seq) FROM messages m JOIN s USING (tenant_id, session_id)),
    'charges', (SELECT count(*) FROM usage_ledger u JOIN answers a ON a.tenant_id = u.tenant_id AND a.id = u.answer_id
                JOIN s ON s.tenant_id = a.tenant_id AND s.session_id = a.session_id))`;
const CHARGED = `SELECT json_build_object('rows', count(*)) FROM usage_ledger WHERE tenant_id = :'tenant' AND bot_id = :'bot'`;

const { values: wanted } = parseArgs({ options: OPTIONS });
const forms = wanted.form === 'all' ? ALL : [wanted.form];
const counts = { cuts: 0, reloads: 0, gateways: 0, workers: 0 };
let seed = Number(wanted.seed);

/** @param {number} from @param {number} to both are possible */
function random(from, to) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return from + Math.floor((seed / 2 ** 32) * (to - from + 1));
}

/** A page cannot be loaded while there is no gateway: reloads and crashes take turns. */
function createTurns() {
  /** @type {Set<Promise<any>>} */
  const reloads = new Set();
  /** @type {Promise<any>} */
  let crashing = Promise.resolve();

  return {
    /** @param {() => Promise<any>} work */
    async reload(work) {
      await crashing;
      const mine = work();

      reloads.add(mine);
      await mine.finally(() => reloads.delete(mine));
    },

    /** @param {() => Promise<any>} work */
    crash(work) {
      crashing = crashing.then(() => Promise.allSettled([...reloads])).then(work);
      return crashing;
    },
  };
}

/** @param {any} shared @param {string} form */
async function openVisitor({ browser, config, site, bot }, form) {
  const proxy = await openProxy(config.url);
  const page = await browser.newPage();
  const chat = await new Chat(page, form, site).visit(proxy.url, bot.key);

  return { proxy, page, chat, form, question: `Count for me, ${randomBytes(8).toString('hex')}.` };
}

/** @param {any} visitor @param {ReturnType<typeof createTurns>} turns */
async function live({ chat, proxy, question }, turns) {
  if (!wanted.calm) {
    const places = new Set();

    while (places.size < CUTS) places.add(random(1, LENGTH / 2));
    proxy.cutAtTokens([...places].sort((a, b) => a - b));
  }
  await chat.ask(question);
  if (wanted.calm) return chat.done(LONGEST_MS);
  await proxy.allCut();
  await turns.reload(async () => {
    counts.reloads += 1;
    await chat.reload();
  });
  return chat.done(LONGEST_MS);
}

/** All processes of a kind, when an answer has come so far. @param {any} shared @param {'gateway' | 'worker'} kind @param {any} visitor */
async function kill({ config, turns }, kind, { proxy }) {
  await proxy.passed(random(5, LENGTH - 15));
  await turns.crash(async () => {
    await crash(config.stack, kind).start();
    counts[`${kind}s`] += 1;
    if (kind === 'gateway') await untilReady(config.url);
  });
}

/** @param {any} config @param {any} visitor */
async function judge({ stack }, { chat, proxy, question }) {
  const expected = scriptedText(question, LENGTH);
  const { messages, charges } = psql(stack, STORED, { question });

  counts.cuts += proxy.cuts;
  assert.equal(await chat.text(), expected, 'the text that the visitor copies');
  assert.equal(await chat.words.textContent(), expected, 'the text that he sees');
  assert.equal(await chat.questions.count(), 1, 'questions shown');
  assert.equal(await chat.answers.count(), 1, 'answers shown');
  assert.deepEqual(messages, [['user', question], ['assistant', expected]], 'what is stored');
  assert.equal(charges, 1, 'charges');
  if (!wanted.calm) assert.equal(proxy.cuts, CUTS, 'cuts');
}

/** @param {any} shared @param {number} size @returns {Promise<number>} how many it failed for */
async function runRound(shared, size) {
  const turns = createTurns();
  const visitors = await Promise.all(Array.from({ length: size }, (_, i) => openVisitor(shared, forms[i % forms.length])));
  const lives = visitors.map((visitor) => live(visitor, turns).then(() => judge(shared.config, visitor)));
  const crashes = wanted.calm ? [] : [kill({ ...shared, turns }, 'worker', visitors[0]), kill({ ...shared, turns }, 'gateway', visitors[size - 1])];
  const ends = await Promise.allSettled(lives);
  let failed = 0;

  await Promise.all(crashes);
  for (const [i, end] of ends.entries()) {
    if (end.status === 'fulfilled') continue;
    failed += 1;
    console.log(`FAIL  [${visitors[i].form}] ${visitors[i].question}\n      ${String(end.reason?.message ?? end.reason).replaceAll('\n', '\n      ')}`);
  }
  await Promise.all(visitors.map(({ page }) => page.context().close()));
  await Promise.all(visitors.map(({ proxy }) => proxy.close()));
  return failed;
}

const config = readConfig();

assert.ok(config.stack, 'CC_E2E_STACK is wanted');
const bot = makeBot(config.stack, 'Never lost', MODEL);
const shared = { config, bot, browser: await openBrowser(config.chromium), site: await openSite() };
const runs = Number(wanted.runs);
const begun = performance.now();
let failed = 0;

console.log(`seed ${wanted.seed}, ${runs} runs, ${wanted['at-once']} at once, ${forms.join(', ')}`);
for (let left = runs; left > 0; left -= Number(wanted['at-once'])) failed += await runRound(shared, Math.min(left, Number(wanted['at-once'])));
const { rows } = psql(config.stack, CHARGED, { tenant: bot.tenantId, bot: bot.botId });

if (rows !== runs) console.log(`FAIL  ${rows} charges for ${runs} questions`);
console.log(`${Math.round((performance.now() - begun) / 1000)} s; cuts ${counts.cuts}, reloads ${counts.reloads}, gateways killed ${counts.gateways} times, workers ${counts.workers} times`);
await shared.browser.close();
await shared.site.close();
// The sum of all charges is one more thing that must be right.
console.log(`${runs - failed + Number(rows === runs)} passed, ${failed + Number(rows !== runs)} failed`);
process.exit(failed === 0 && rows === runs ? 0 : 1);
