import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The shadow root is closed to everybody; the tests ask the browser to leave it open to them. */
function openRoots() {
  const attach = Element.prototype.attachShadow;

  Element.prototype.attachShadow = function attachOpen(init) {
    return attach.call(this, { ...init, mode: 'open' });
  };
}

/** What the page tells us: refused by policy, run by an attack, copied by the visitor. */
function listen() {
  const told = { violations: [], alerts: 0, copied: '' };

  Object.defineProperty(window, 'told', { value: told });
  document.addEventListener('securitypolicyviolation', (event) => told.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  window.alert = () => {
    told.alerts += 1;
  };
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
  const browser = await chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder } });

  return {
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
      await rm(folder, { recursive: true, force: true });
    },
  };
}
