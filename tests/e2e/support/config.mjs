/*
 * What the run is told by its environment.
 *
 *   CC_E2E_URL       a running installation
 *   CC_E2E_KEY       public key of a bot with documents
 *   CC_E2E_QUESTION  a question that these documents answer
 *   CC_E2E_SLOW_KEY  public key of a bot whose model streams slowly, so that there is time for cuts
 *   CC_E2E_LONG_KEY  public key of one whose answers take half a minute
 *   CC_E2E_ECHO_KEY  public key of a bot whose model says what it was asked
 *   CC_E2E_STACK     folder of an installation made by infra/up: keys that are not given are made
 *                    there, and its processes are killed by the checks for crashes
 *   CC_E2E_SHOTS     folder for the screenshots (shots beside this suite)
 *   CC_E2E_CHROMIUM  the browser (/usr/bin/chromium)
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SLOW = 'scripted:mock-ttft300-itl60-len80';
const LONG = 'scripted:mock-ttft100-itl60-len300';
const ECHO = 'scripted:mock-itl1-echo';

/** A bot of the demo tenant with this model, and its key. @param {string} stack @param {string} name @param {string} model */
export function makeBot(stack, name, model) {
  const ctl = (/** @type {string[]} */ ...args) =>
    JSON.parse(execFileSync(join(ROOT, 'infra/cc-ctl'), ['--var', stack, ...args, '--json'], { encoding: 'utf8' }));
  const { tenantId } = JSON.parse(readFileSync(join(stack, 'demo.json'), 'utf8'));
  const { botId } = ctl('bot', 'add', tenantId, name, '--origin', '*', '--model', model);

  return { tenantId, botId, key: ctl('key', 'add', tenantId, '--public', '--bot', botId).key };
}

export function readConfig() {
  const env = process.env;
  const stack = env.CC_E2E_STACK;
  const need = (/** @type {string} */ name) => {
    if (!env[name]) throw new Error(`${name} is not set; see support/config.mjs`);
    return env[name];
  };

  return {
    url: need('CC_E2E_URL').replace(/\/$/, ''),
    key: need('CC_E2E_KEY'),
    question: env.CC_E2E_QUESTION ?? 'What does the service plan Blaze cost a month, and what does it cover?',
    slowKey: env.CC_E2E_SLOW_KEY ?? (stack ? makeBot(stack, 'Slow', SLOW).key : need('CC_E2E_SLOW_KEY')),
    longKey: env.CC_E2E_LONG_KEY ?? (stack ? makeBot(stack, 'Long', LONG).key : need('CC_E2E_LONG_KEY')),
    echoKey: env.CC_E2E_ECHO_KEY ?? (stack ? makeBot(stack, 'Echo', ECHO).key : ''),
    stack: stack ?? '',
    shots: env.CC_E2E_SHOTS ?? fileURLToPath(new URL('../shots', import.meta.url)),
    chromium: env.CC_E2E_CHROMIUM ?? '/usr/bin/chromium',
  };
}
