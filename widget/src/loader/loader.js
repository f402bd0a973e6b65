/*
 * widget.js: the one script of the host page.
 *
 * It makes an element with a closed shadow root and fetches the application when the page has
 * loaded and is idle, or at once when something calls ChatConnect.open().  All ends when unmount()
 * is called or the element is taken out of the page.
 */
import { createApi } from './createApi.js';
import { loadApp } from './loadApp.js';
import { openFrame } from './openFrame.js';

const TAG = 'chat-connect';

/** @param {unknown} error */
const warn = (error) => console.warn(`ChatConnect: ${/** @type {any} */ (error)?.message ?? error}`);

/** @param {DOMStringMap} dataset texts only, whatever the page has hung on every object */
function copyOf(dataset) {
  /** @type {Record<string, string>} */
  const copy = /** @type {any} */ ({ __proto__: null });

  for (const name in dataset) if (typeof dataset[name] === 'string') copy[name] = dataset[name];
  return copy;
}

/** @returns {HTMLScriptElement | null} a module script is never the current one */
function findScript() {
  const current = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const { apiKey, botId } = current?.dataset ?? {};

  return apiKey || botId ? current : document.querySelector('script[src*="/widget.js"]');
}

/** @param {() => void} run when nothing of the page waits any longer */
function whenIdle(run) {
  const later = () => (window.requestIdleCallback ?? setTimeout)(run);

  if (document.readyState === 'complete') later();
  else addEventListener('load', later, { once: true });
}

/** Tells when it is taken out of the page. */
function defineElement() {
  if (customElements.get(TAG)) return;
  customElements.define(
    TAG,
    class extends HTMLElement {
      disconnectedCallback() {
        /** @type {any} */ (this).gone?.();
      }
    },
  );
}

/** The number of a new widget, or nothing when the page has one with this key. @param {string} key */
function numberFor(key) {
  const hosts = document.querySelectorAll(TAG);
  let nth = 0;

  for (let i = 0; i < hosts.length; i += 1) if (hosts[i].getAttribute('data-for') === key) return undefined;
  while (document.querySelector(`${TAG}[data-nth="${nth}"]`)) nth += 1;
  return nth;
}

/** @param {HTMLScriptElement} script */
function start(script) {
  const dataset = copyOf(script.dataset);
  const { origin } = new URL(script.src);
  const key = (dataset.apiKey || dataset.botId || '').trim();
  const nth = numberFor(key);

  if (!key) warn('the script element has neither data-bot-id nor data-api-key.');
  if (!key || nth === undefined) return;

  defineElement();
  const host = /** @type {any} */ (document.createElement(TAG));
  const root = /** @type {ShadowRoot} */ (host.attachShadow({ mode: 'closed' }));
  const { emit, leave } = createApi(key, load, end);
  /** @type {Promise<void> | undefined} */
  let loading;
  /** @type {any} */
  let widget;
  let ended = false;

  async function begin() {
    if (dataset.mode === 'iframe') widget = await openFrame(root, { origin, key, dataset, nth: nth ?? 0, emit });
    else {
      const mount = await loadApp(root, origin, script.nonce ?? '');

      widget = await mount(host, root, { origin, form: 'bubble', key, dataset, page: window, emit });
    }
    if (ended) widget.destroy();
  }

  async function load() {
    loading ??= begin();
    try {
      await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
    if (ended) throw new Error('the widget has been unmounted');
    return widget;
  }

  function end() {
    if (ended) return;
    ended = true;
    leave();
    widget?.destroy();
    host.remove();
  }

  host.gone = async () => {
    await null;
    // One that was only moved goes on, unless it lived in a frame that has begun anew.
    if (host.isConnected && !root.querySelector('iframe[hidden]')) return;
    const moved = host.isConnected && !ended;

    end();
    if (moved) start(script);
  };
  host.setAttribute('data-for', key);
  host.setAttribute('data-nth', nth);
  (document.body ?? document.documentElement).append(host);
  whenIdle(() => load().catch((error) => ended || warn(error)));
}

const script = findScript();

if (script) start(script);
