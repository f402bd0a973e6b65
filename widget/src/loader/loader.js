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

/** @param {any} error */
const warn = (error) => console.warn('ChatConnect:', error);

/** @returns {HTMLScriptElement | null} a module script is never the current one */
function findScript() {
  const current = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  const { apiKey, botId } = current?.dataset ?? {};

  return apiKey || botId ? current : document.querySelector('script[src*="/widget.js"]');
}

/** @param {DOMStringMap} dataset texts only, whatever the page has hung on every object */
function copyOf(dataset) {
  /** @type {Record<string, string>} */
  const copy = /** @type {any} */ ({ __proto__: null });

  for (const name in dataset) if (typeof dataset[name] === 'string') copy[name] = dataset[name];
  return copy;
}

/** @param {() => void} run when nothing of the page waits any longer */
function whenIdle(run) {
  const later = () => (window.requestIdleCallback ?? setTimeout)(run);

  if (document.readyState === 'complete') later();
  else addEventListener('load', later);
}

/** An element that notices when it is taken out of the page. */
function createHost() {
  if (!customElements.get(TAG))
    customElements.define(
      TAG,
      class extends HTMLElement {
        disconnectedCallback() {
          /** @type {any} */ (this).gone?.();
        }
      },
    );
  return /** @type {any} */ (document.createElement(TAG));
}

/** @param {HTMLScriptElement} script */
function start(script) {
  const dataset = copyOf(script.dataset);
  const { origin } = new URL(script.src);
  const key = dataset.apiKey || dataset.botId || '';
  let nth = 0;

  if (!key) return warn('no data-bot-id on the script element');
  if (window.ChatConnect?.widgets[key]) return;
  while (document.querySelector(`${TAG}[data-nth="${nth}"]`)) nth += 1;

  const host = createHost();
  const root = host.attachShadow({ mode: 'closed' });
  const end = new AbortController();
  const { signal } = end;
  const { emit, leave } = createApi(key, perform, unmount);
  /** @type {Promise<(name: string, argument?: unknown) => unknown> | undefined} */
  let loading;

  async function load() {
    if (dataset.mode === 'iframe') return openFrame(root, { origin, key, dataset, nth, emit, signal });
    const mount = await loadApp(root, origin, script.nonce ?? '');
    const widget = /** @type {any} */ (await mount(host, root, { origin, form: 'bubble', key, dataset, page: window, emit, nth }));

    if (signal.aborted) widget.destroy();
    else signal.onabort = () => widget.destroy();
    return (/** @type {string} */ name, /** @type {unknown} */ argument) => widget[name](argument);
  }

  /** @param {string} name "" for none: only fetches @param {unknown} [argument] */
  async function perform(name, argument) {
    loading ??= load();
    const call = await loading.catch((error) => {
      loading = undefined;
      throw error;
    });

    if (signal.aborted) throw new Error('unmounted');
    if (name) await call(name, argument);
  }

  function unmount() {
    if (signal.aborted) return;
    end.abort();
    leave();
    host.remove();
  }

  host.gone = async () => {
    await null;
    // One that was only moved goes on, unless it lived in a frame that has begun anew.
    if (signal.aborted || (host.isConnected && !root.querySelector('iframe[hidden]'))) return;
    const moved = host.isConnected;

    unmount();
    if (moved) start(script);
  };
  host.setAttribute('data-for', key);
  host.setAttribute('data-nth', nth);
  (document.body ?? document.documentElement).append(host);
  whenIdle(() => perform('').catch((error) => signal.aborted || warn(error)));
}

const script = findScript();

if (script) start(script);
