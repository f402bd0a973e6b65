import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { openTrap } from './openTrap.mjs';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--js-flags=--expose-gc',
];

/**
 * The shadow root is closed to everybody; the tests ask the browser to leave it open to them.  By a
 * proxy, which prints as native code: a loader that looks for tampered built-ins finds none.
 */
function openRoots() {
  const { apply } = Reflect;

  Element.prototype.attachShadow = new Proxy(Element.prototype.attachShadow, {
    apply: (attach, self, given) => apply(attach, self, [{ ...given[0], mode: 'open' }]),
  });
}

/** What the page tells us: refused by policy, run by an attack, copied by the visitor. */
function listen() {
  /** Without iterators and methods of Array: the page may have changed them. */
  const findRoot = (/** @type {ParentNode} */ within) => {
    const all = within.querySelectorAll('*');

    for (let i = 0; i < all.length; i += 1) {
      const root = all[i].shadowRoot;

      if (root) return root.querySelector('.widget') ? root : findRoot(root);
    }
    return null;
  };
  const told = { violations: [], alerts: 0, copied: '', root: () => findRoot(document) ?? document };

  Object.defineProperty(window, 'told', { value: told });
  document.addEventListener('securitypolicyviolation', (event) => {
    told.violations[told.violations.length] = `${event.violatedDirective} ${event.blockedURI}`;
  });
  for (const name of ['alert', 'confirm', 'prompt', 'print']) {
    window[name] = () => {
      told.alerts += 1;
    };
  }
  Object.defineProperty(navigator, 'clipboard', {
    value: {
      writeText: async (text) => {
        told.copied = text;
      },
    },
  });
}

/** @param {string} executablePath */
export async function openBrowser(executablePath) {
  const folder = await mkdtemp(join(tmpdir(), 'cc-e2e-'));
  const trap = await openTrap();
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, `--proxy-server=${trap.url}`], env });

  return {
    /** Who else was asked, of all that is not on this machine. */
    asked: trap.seen,

    /** A visitor who was never here. @param {object} [options] of the context; closed: leave the root closed */
    async newPage({ closed = false, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, reducedMotion: 'reduce', ...options });

      if (!closed) await context.addInitScript(openRoots);
      await context.addInitScript(listen);
      context.setDefaultTimeout(30000);
      return context.newPage();
    },

    async close() {
      await browser.close();
      await trap.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
