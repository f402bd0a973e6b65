import { createConversation } from './chat/createConversation.js';
import { createServer } from './chat/createServer.js';
import { createStore } from './chat/createStore.js';
import { readConfig } from './chat/readConfig.js';
import { readOptions } from './forms/readOptions.js';
import { readVisitor } from './forms/readVisitor.js';
import { startPage } from './forms/startPage.js';
import { page } from './page.js';
import { chooseTexts } from './texts/chooseTexts.js';
import { createChat } from './view/createChat.js';

/**
 * What whoever loads the application says; older loaders than this application do, too, so that
 * members are added and never change their meaning.
 *
 * @typedef {object} Options
 * @property {string} origin scheme, host and port of the gateway
 * @property {"bubble" | "frame" | "page"} form
 * @property {string} key the public key or the bot's id
 * @property {Record<string, string | undefined>} dataset what the page says on the script element
 * @property {Window & typeof globalThis} page the window of the page that is seen
 * @property {(name: string, detail?: object, box?: Box) => void} emit
 * @property {number} [nth] widget of the page: the bubbles of several do not cover each other
 * @property {boolean} [narrow] frame: whether the page is
 *
 * @typedef {object} Box the room that a frame needs
 * @property {boolean} open
 * @property {boolean} left
 * @property {number} width
 * @property {number} height
 *
 * @typedef {(name: string, argument?: any) => Promise<void>} Call open, close, toggle, ask (text),
 *   identify (claim or null), setNarrow (frame: the page's width is another one), destroy
 */

const NARROW = '(max-width: 480px)';
/** To the edge, as in style/base.css, and for the shadow on the other side. */
const MARGIN = 24 + 40;

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
 * @param {ShadowRoot} root
 * @param {Options} options
 * @returns {Promise<Call>}
 */
export async function mount(root, { origin, form, key, dataset, page: seen, emit, nth = 0, narrow = false }) {
  page.window = seen;
  const said = readOptions(dataset);
  const config = await fetchConfig(createServer(origin, key, said.visitor.proof));
  const { documentElement } = seen.document;
  const wished = [said.locale, config.locale, documentElement.lang, ...navigator.languages];
  const { texts, locale, direction } = await chooseTexts(wished, async (name) => (await import(`${origin}/widget/text-${name}.js`)).default);
  const leave = new AbortController();
  const width = seen.matchMedia(NARROW);
  const place = new seen.CSSStyleSheet();

  /** @type {import('./view/createChat.js').Chat} */
  let chat;

  /** @returns {Box} */
  function box() {
    const { width: w, height: h } = chat.element.getBoundingClientRect();

    return { open: chat.isOpen(), left: chat.element.dataset.position === 'left', width: w + MARGIN, height: h + MARGIN };
  }

  /** What is remembered is told before there is anything to see. @param {string} name @param {object} [detail] */
  const tell = (name, detail) => emit(name, detail, chat && box());

  /** @param {import('./forms/readVisitor.js').Visitor} visitor @param {boolean} [open] otherwise as he left it */
  function build({ who, proof }, open) {
    const server = createServer(origin, key, proof);
    const store = createStore(key, who);
    const made = createChat({
      form,
      config,
      texts,
      locale,
      direction,
      position: said.position || config.position,
      theme: said.theme || config.theme,
      connect: (listener) => createConversation({ server, store, listener, config }),
      emit: tell,
      storeOpen: open ?? store.get().open,
      saveOpen: (now) => store.set({ open: now }),
    });

    // A frame is as large as the page wants it, and the panel fills it.
    place.replaceSync(`:host{--nth:${nth}${form === 'frame' ? ';--chatconnect-width:100vw;--chatconnect-height:100vh' : ''}}`);
    root.adoptedStyleSheets = [...made.styles, place];
    root.append(made.element);
    made.setNarrow(narrow);
    made.shown();
    return made;
  }

  /** @param {boolean} now */
  function setNarrow(now) {
    narrow = now;
    chat.setNarrow(now);
  }

  if (form !== 'frame') {
    narrow = width.matches;
    width.addEventListener('change', () => setNarrow(width.matches), { signal: leave.signal });
  }
  chat = build(said.visitor);

  if (form !== 'bubble') {
    seen.document.title = config.title || config.name || texts.assistant;
    documentElement.lang = locale;
  }
  tell('ready');
  /** What whoever loaded us may ask for, besides what the chat itself can do. @type {any} */
  const own = {
    setNarrow,

    /** @param {import('./forms/readVisitor.js').Claim | null} claim */
    identify(claim) {
      const open = chat.isOpen();

      chat.destroy();
      chat = build(readVisitor(claim), open);
      tell('identify');
    },

    destroy() {
      leave.abort();
      chat.destroy();
    },
  };

  return async (name, argument) => (own[name] ?? /** @type {any} */ (chat)[name])(argument);
}

// Our own page says so in our address.
if (import.meta.url.endsWith('?page')) startPage(mount);
// A script element hands no exports over: in a clean realm the loader has left its ear.
/** @type {any} */ (globalThis).chatConnectMount?.(mount);
