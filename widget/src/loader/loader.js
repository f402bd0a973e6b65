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

/** @typedef {(name: string, argument?: unknown) => Promise<void>} Call */

/** @param {any} error */
const warn = (error) => console.warn('ChatConnect:', error);

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
  // Whatever the page has hung on every object is no attribute.
  const dataset = /** @type {Record<string, string>} */ (/** @type {unknown} */ ({ __proto__: null, ...script.dataset }));
  const { origin } = new URL(script.src);
  const key = dataset.apiKey || dataset.botId;
  let nth = 0;

  if (!key) return warn('no data-bot-id on the script element');
  if (window.ChatConnect?.widgets[key]) return;
  while (document.querySelector(`${TAG}[data-nth="${nth}"]`)) nth += 1;

  const host = createHost();
  const root = host.attachShadow({ mode: 'closed' });
  const end = new AbortController();
  const { signal } = end;
  const { emit, leave } = createApi(key, async (name, argument) => (await ready())(name, argument), unmount);
  const about = { origin, form: /** @type {const} */ ('bubble'), key, dataset, page: window, emit, nth, signal };
  /** @type {Promise<Call> | undefined} */
  let loading;

  /** @returns {Promise<Call>} */
  async function load() {
    try {
      if (signal.aborted) throw new Error('unmounted');
      return dataset.mode === 'iframe' ? await openFrame(root, about) : await (await loadApp(root, origin, script.nonce ?? ''))(root, about);
    } catch (error) {
      root.replaceChildren();
      loading = undefined;
      throw error;
    }
  }

  const ready = () => (loading ??= load());

  function unmount() {
    if (signal.aborted) return;
    end.abort();
    leave();
    host.remove();
    loading?.then((call) => call('destroy'), warn);
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
  whenIdle(() => ready().catch((error) => signal.aborted || warn(error)));
}

const script = findScript();

if (script) start(script);
