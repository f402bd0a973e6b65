import { createConversation } from './chat/createConversation.js';
import { createServer } from './chat/createServer.js';
import { createStore } from './chat/createStore.js';
import { readConfig } from './chat/readConfig.js';
import { chooseTexts } from './texts/chooseTexts.js';
import { ar } from './texts/ar.js';
import { de } from './texts/de.js';
import { es } from './texts/es.js';
import { fr } from './texts/fr.js';
import { he } from './texts/he.js';
import { it } from './texts/it.js';
import { nl } from './texts/nl.js';
import { pt } from './texts/pt.js';
import { tr } from './texts/tr.js';
import { createChat } from './view/createChat.js';

/** @type {Record<string, Partial<import('./texts/en.js').Texts>>} */
const TEXTS = { ar, de, es, fr, he, it, nl, pt, tr };
const NARROW = '(max-width: 480px)';

/**
 * @typedef {object} Widget
 * @property {() => void} open
 * @property {() => void} close
 * @property {() => void} toggle
 */

/**
 * The configuration; without a connection the defaults, since a widget that asks later is better
 * than none.  A refused key is the page's mistake and fails.
 *
 * @param {import('./chat/createServer.js').Server} server
 */
async function fetchConfig(server) {
  try {
    return readConfig(await server.config());
  } catch (error) {
    if (/** @type {import('./chat/Problem.js').Problem} */ (error).retryable) return readConfig(null);
    throw error;
  }
}

/**
 * Builds the widget into the root that the loader made.
 *
 * @param {HTMLElement} host
 * @param {ShadowRoot} root
 * @param {import('../loader/readOptions.js').Options} options
 * @returns {Promise<Widget>}
 */
export async function mount(host, root, options) {
  const server = createServer(options.origin, options.key, options.proof);
  const store = createStore(options.key, options.who);
  const config = await fetchConfig(server);
  const wished = [options.locale, config.locale, document.documentElement.lang, ...navigator.languages];
  const chat = createChat({
    ...(await chooseTexts(wished, async (locale) => TEXTS[locale])),
    form: 'bubble',
    config,
    position: options.position || config.position,
    theme: 'auto',
    connect: (listener) => createConversation({ server, store, listener }),
    emit() {},
    storeOpen: store.get().open,
    saveOpen: (open) => store.set({ open }),
  });
  const narrow = matchMedia(NARROW);

  chat.setNarrow(narrow.matches);
  narrow.addEventListener('change', () => chat.setNarrow(narrow.matches));
  root.adoptedStyleSheets = chat.styles;
  root.append(chat.element);
  chat.shown();
  return chat;
}
