/*
 * Visitors whose line, page, gateway and worker all break in mid-answer: what they see in the end is
 * what the model says, stored once and charged once; and at no moment did they see anything else than
 * a beginning of it.
 *
 * node never_lost.mjs [--runs N] [--at-once N] [--form bubble|frame|page|all] [--seed N] [--calm] [--no-teeth]
 *
 * Each run is a visitor with one question to a slow scripted bot: his socket is cut in the middle of
 * five random tokens, then his page is reloaded.  Once per round of visitors every gateway and
 * every worker is killed, as a crash would, and started again.  --calm breaks nothing.  In
 * the end faults are planted that all this must notice (support/teeth.mjs).  Needs CC_E2E_URL,
 * CC_E2E_KEY and CC_E2E_STACK (support/config.mjs); lines end with "N passed, N failed".
 */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBrowser } from './support/browser.mjs';
import { makeBot, readConfig } from './support/config.mjs';
import { LENGTH, MODEL, countCharges, judge, openVisitor } from './support/counting.mjs';
import { ALL } from './support/inForms.mjs';
import { openSite } from './support/openSite.mjs';
import { crash } from './support/processes.mjs';
import { tryTeeth } from './support/teeth.mjs';
import { untilReady } from './support/untilReady.mjs';

const CUTS = 5;
const MOTIONS = /** @type {const} */ (['reduce', 'no-preference']);
const LONGEST_MS = 60000;
const OPTIONS = /** @type {const} */ ({
  runs: { type: 'string', default: '200' },
  'at-once': { type: 'string', default: '10' },
  form: { type: 'string', default: 'all' },
  seed: { type: 'string', default: String(Date.now() % 1000000) },
  calm: { type: 'boolean', default: false },
  teeth: { type: 'boolean', default: true },
});

const { values: wanted } = parseArgs({ options: OPTIONS, allowNegative: true });
const forms = wanted.form === 'all' ? ALL : [wanted.form];
const counts = { cuts: 0, joins: 0, reloads: 0, gateways: 0, workers: 0 };
let seed = Number(wanted.seed);

/** @param {number} from @param {number} to both are possible */
function random(from, to) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return from + Math.floor((seed / 2 ** 32) * (to - from + 1));
}

/** @param {Promise<void>} happens @param {string} what */
async function within(happens, what) {
  const late = new AbortController();

  await Promise.race([happens, pause(LONGEST_MS, null, { signal: late.signal }).then(() => Promise.reject(new Error(`waited too long for ${what}`)))]).finally(() => late.abort());
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

/** @param {any} visitor @param {ReturnType<typeof createTurns>} turns */
async function live({ chat, proxy, question }, turns) {
  if (!wanted.calm) {
    const places = new Set();

    while (places.size < CUTS) places.add(random(1, LENGTH / 2));
    proxy.cutAtTokens([...places].sort((a, b) => a - b));
  }
  await chat.ask(question);
  if (wanted.calm) return chat.done(LONGEST_MS);
  await within(proxy.allCut(), 'cuts');
  await turns.reload(async () => {
    counts.reloads += 1;
    await chat.reload();
  });
  return chat.done(LONGEST_MS);
}

/**
 * All processes of a kind, when an answer has come so far, or when it has ended: what came while its
 * page was away is told by the history, and passes no line.
 *
 * @param {any} shared @param {'gateway' | 'worker'} kind @param {any} visitor @param {Promise<any>} end
 */
async function kill({ config, turns }, kind, { proxy }, end) {
  await Promise.race([within(proxy.passed(random(5, LENGTH / 2)), 'tokens'), end.catch(() => {})]);
  await turns.crash(async () => {
    await crash(config.stack, kind).start();
    counts[`${kind}s`] += 1;
    if (kind === 'gateway') await untilReady(config.url);
  });
}

/** @param {any} config @param {any} visitor */
async function judgeBroken(config, visitor) {
  counts.cuts += visitor.proxy.cuts;
  counts.joins += visitor.proxy.ledger.joins.length;
  await judge(config, visitor);
  if (!wanted.calm) assert.equal(visitor.proxy.cuts, CUTS, 'cuts');
}

/** @param {any} shared @param {number} size @returns {Promise<number>} how many it failed for */
async function runRound(shared, size) {
  const turns = createTurns();
  const visitors = await Promise.all(Array.from({ length: size }, (_, i) => openVisitor(shared, forms[i % forms.length], { reducedMotion: MOTIONS[i % MOTIONS.length] })));
  const lives = visitors.map((visitor) => live(visitor, turns).then(() => judgeBroken(shared.config, visitor)));
  const crashes = wanted.calm ? [] : [kill({ ...shared, turns }, 'worker', visitors[0], lives[0]), kill({ ...shared, turns }, 'gateway', visitors[size - 1], lives[size - 1])];
  const ends = await Promise.allSettled(lives);
  let failed = 0;

  const killed = await Promise.allSettled(crashes);

  for (const { reason } of killed.filter(({ status }) => status === 'rejected')) failed += 1, console.log(`FAIL  a crash: ${reason?.message}`);
  for (const [i, end] of ends.entries()) {
    if (end.status === 'fulfilled') continue;
    failed += 1;
    console.log(`FAIL  [${visitors[i].form}] ${visitors[i].question}\n      ${String(end.reason?.message ?? end.reason).replaceAll('\n', '\n      ')}`);
  }
  await Promise.all(visitors.map((visitor) => visitor.close()));
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
const charges = countCharges(config.stack, bot);

if (charges !== runs) console.log(`FAIL  ${charges} charges for ${runs} questions`);
console.log(`${Math.round((performance.now() - begun) / 1000)} s; cuts ${counts.cuts}, joins ${counts.joins}, reloads ${counts.reloads}, gateways killed ${counts.gateways} times, workers ${counts.workers} times`);
// The sum of all charges is one more thing that must be right.
const more = [charges === runs, ...(wanted.teeth ? await tryTeeth(shared, forms) : [])];

await shared.browser.close();
await shared.site.close();
failed += more.filter((ok) => !ok).length;
console.log(`${runs + more.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
