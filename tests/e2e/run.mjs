/*
 * Runs every check against a running installation: a line per check, and a last line that counts.
 *
 * node run.mjs [--form bubble|frame|page|all] [--jobs N] [--list] [WORDS]
 *
 *   --form   only what is seen in this form (all)      --jobs   so many checks at once (3)
 *   --list   the names                                 WORDS    only checks whose name contains them
 */
import { mkdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { groups } from './checks/groups.mjs';
import { openBrowser } from './support/browser.mjs';
import { Chat } from './support/Chat.mjs';
import { readConfig } from './support/config.mjs';
import { ALL } from './support/inForms.mjs';
import { openSite } from './support/openSite.mjs';

const LONGEST_MS = 120000;
const OPTIONS = /** @type {const} */ ({
  form: { type: 'string', default: 'all' },
  jobs: { type: 'string', default: '3' },
  list: { type: 'boolean', default: false },
});
const { values: wanted, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
const forms = wanted.form === 'all' ? ALL : ALL.filter((form) => form === wanted.form);

if (forms.length === 0) throw new Error(`no such form: ${wanted.form}`);

/** @typedef {import('./support/inForms.mjs').Check & {form: string, title: string}} Job */

/** @returns {Job[]} a check in each of the forms that are asked for */
function chooseJobs() {
  const words = positionals.join(' ');

  return groups.flat().flatMap((check) =>
    check.forms
      .filter((form) => form === '' || forms.includes(form))
      .map((form) => ({ ...check, form, title: form ? `[${form}] ${check.name}` : check.name }))
      .filter(({ title }) => title.includes(words)),
  );
}

/** @param {Promise<void>} work */
function withinTime(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LONGEST_MS} ms`)), LONGEST_MS);
  });

  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** @param {Job} job @param {any} shared @returns {Promise<boolean>} whether it passed */
async function runOne({ run, form, title }, { browser, config, site }) {
  const begun = performance.now();
  /** @type {import('playwright-core').BrowserContext[]} */
  const contexts = [];
  const newPage = async (/** @type {object} */ options) => {
    const page = await browser.newPage(options);

    contexts.push(page.context());
    return page;
  };
  const newChat = async (/** @type {object} */ options) => new Chat(await newPage(options), form, site);

  try {
    await withinTime(run({ config, site, form, forms, newPage, newChat, asked: browser.asked }));
    console.log(`ok    ${title} (${Math.round(performance.now() - begun)} ms)`);
    return true;
  } catch (error) {
    console.log(`FAIL  ${title}\n      ${String(error?.stack ?? error).replaceAll('\n', '\n      ')}`);
    return false;
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
  }
}

/** @param {Job[]} jobs @param {number} atOnce @param {any} shared @returns {Promise<boolean[]>} */
async function runAll(jobs, atOnce, shared) {
  const waiting = [...jobs];
  /** @type {boolean[]} */
  const results = [];
  const lane = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) results.push(await runOne(job, shared));
  };

  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

const jobs = chooseJobs();

if (wanted.list) {
  for (const { title } of jobs) console.log(title);
  process.exit(0);
}
const config = readConfig();
const shared = { config, browser: await openBrowser(config.chromium), site: await openSite() };

await mkdir(config.shots, { recursive: true });
// Without a stack of our own nothing may be killed: these checks are left out, not passed.
const allowed = jobs.filter((job) => config.stack || !job.alone);
const together = await runAll(allowed.filter((job) => !job.alone), Number(wanted.jobs), shared);
const alone = await runAll(allowed.filter((job) => job.alone), 1, shared);
const results = [...together, ...alone];
const failed = results.filter((ok) => !ok).length;

await shared.browser.close();
await shared.site.close();
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);
