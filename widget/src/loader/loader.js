/*
 * widget.js: the one script of the host page.
 *
 * It makes an element with a closed shadow root and fetches the application when the page has
 * loaded and is idle, or at once when something calls ChatConnect.open().  The application comes
 * by import(): that is the one way to load code that neither a nonce nor Trusted Types refuses.
 */
import { readOptions } from './readOptions.js';

const TAG = 'chat-connect';

/** @returns {HTMLScriptElement | null} a module script is never the current one */
function findScript() {
  const current = /** @type {HTMLScriptElement | null} */ (document.currentScript);

  return current ?? document.querySelector('script[data-api-key][src*="/widget.js"]');
}

/** @param {() => void} run when nothing of the page waits any longer */
function whenIdle(run) {
  const later = () => (window.requestIdleCallback ?? setTimeout)(run);

  if (document.readyState === 'complete') later();
  else addEventListener('load', later, { once: true });
}

/** @param {HTMLScriptElement} script */
function start(script) {
  const options = readOptions(script);

  if (!options.key) {
    console.warn('ChatConnect: the script element has no data-api-key.');
    return;
  }
  if ([...document.querySelectorAll(TAG)].some((host) => host.getAttribute('data-for') === options.key)) return;

  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: 'closed' });

  /** @type {Promise<import('../app/mount.js').Widget> | undefined} */
  let loading;
  const load = () => {
    loading ??= import(`${options.origin}/widget-app.js`)
      .then((app) => app.mount(host, root, options))
      .catch((error) => {
        loading = undefined;
        throw error;
      });
    return loading;
  };

  host.setAttribute('data-for', options.key);
  (document.body ?? document.documentElement).append(host);
  window.ChatConnect ??= {
    open: () => load().then((widget) => widget.open()),
    close: () => load().then((widget) => widget.close()),
    toggle: () => load().then((widget) => widget.toggle()),
  };
  whenIdle(() => load().catch((error) => console.warn('ChatConnect could not be loaded.', error)));
}

const script = findScript();

if (script) start(script);
