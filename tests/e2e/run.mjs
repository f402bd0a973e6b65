/*
 * Runs every check against a running installation: a line per check, and a last line that counts.
 * node run.mjs [WORDS]: only the checks whose name contains the words.
 */
import { mkdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { accessibility } from './checks/accessibility.mjs';
import { attacks } from './checks/attacks.mjs';
import { crashes } from './checks/crashes.mjs';
import { cuts } from './checks/cuts.mjs';
import { docs } from './checks/docs.mjs';
import { hostPages } from './checks/hostPages.mjs';
import { keyboard } from './checks/keyboard.mjs';
import { origins } from './checks/origins.mjs';
import { streaming } from './checks/streaming.mjs';
import { trouble } from './checks/trouble.mjs';
import { openBrowser } from './support/browser.mjs';
import { readConfig } from './support/config.mjs';

const LONGEST_MS = 120000;

/** @param {Promise<void>} work */
function withinTime(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LONGEST_MS} ms`)), LONGEST_MS);
  });

  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const config = readConfig();
const wanted = process.argv[2] ?? '';
const browser = await openBrowser(config.chromium);
let passed = 0;
let failed = 0;

await mkdir(config.shots, { recursive: true });
// Without a stack of our own nothing may be killed: these checks are left out, not passed.
const groups = [streaming, cuts, ...(config.stack ? [crashes] : []), trouble, keyboard, accessibility, attacks, hostPages, origins, docs];

for (const [name, run] of groups.flatMap(Object.entries)) {
  if (!name.includes(wanted)) continue;
  const begun = performance.now();
  /** @type {import('playwright-core').BrowserContext[]} */
  const contexts = [];
  const newPage = async (/** @type {object} */ options) => {
    const page = await browser.newPage(options);

    contexts.push(page.context());
    return page;
  };

  try {
    await withinTime(run({ config, newPage }));
    passed += 1;
    console.log(`ok    ${name} (${Math.round(performance.now() - begun)} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error?.stack ?? error).replaceAll('\n', '\n      ')}`);
  }
  await Promise.all(contexts.map((context) => context.close()));
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
