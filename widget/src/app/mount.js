import { createConversation } from './chat/createConversation.js';
import { createServer } from './chat/createServer.js';
import { createStore } from './chat/createStore.js';
import { readConfig } from './chat/readConfig.js';
import { chooseTexts } from './texts/chooseTexts.js';
import { createStyles } from './style/createStyles.js';
import { createAnnouncer } from './view/createAnnouncer.js';
import { createBubble } from './view/createBubble.js';
import { createComposer } from './view/createComposer.js';
import { createLog } from './view/createLog.js';
import { createPanel } from './view/createPanel.js';
import { el } from './view/el.js';

/**
 * @typedef {object} Widget
 * @property {() => void} open
 * @property {() => void} close
 * @property {() => void} toggle
 */

/** Keys that are typed into the widget are no shortcuts of the page. */
const PRIVATE_EVENTS = ['keydown', 'keyup', 'keypress', 'input', 'paste'];

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
  const { texts, locale, direction } = chooseTexts(wished);
  const announcer = createAnnouncer();

  /** @type {import('./chat/createConversation.js').Conversation} */
  const conversation = createConversation({
    server,
    store,
    listener: {
      reset: (entries) => log.reset(entries),
      added(entry) {
        log.add(entry);
        if (entry.kind === 'answer') announcer.say(texts.thinking);
      },
      changed(entry) {
        const { answer } = entry;

        log.change(entry);
        composer.setBusy(conversation.busy);
        if (!answer.ended || conversation.busy) return;
        announcer.say(answer.state === 'done' ? answer.text : texts.failed);
        if (panel.element.hidden) bubble.showNews();
      },
    },
  });
  /** A question waits for the history, which would replace the list otherwise. @param {string} text */
  const ask = async (text) => {
    await loaded;
    conversation.ask(text);
    composer.setBusy(conversation.busy);
    composer.focus();
  };
  const log = createLog(config, texts, { ask, retry: conversation.retry, rate: conversation.rate });
  const composer = createComposer(config.messageMax, texts, { ask, stop: conversation.stop, say: announcer.say });
  const clear = () => {
    conversation.clear();
    composer.setBusy(false);
    composer.focus();
  };
  const panel = createPanel(config.name, texts, { close, clear }, [log.element, composer.element]);
  const bubble = createBubble(texts, toggle);
  const position = options.position || config.position || (direction === 'rtl' ? 'left' : 'right');

  /** @param {boolean} open */
  function setOpen(open) {
    panel.element.hidden = !open;
    bubble.setOpen(open);
    store.set({ open });
    if (open) log.shown();
  }
  function open() {
    setOpen(true);
    composer.focus();
  }
  function close() {
    setOpen(false);
    bubble.element.focus();
  }
  function toggle() {
    if (panel.element.hidden) open();
    else close();
  }

  root.adoptedStyleSheets = createStyles(config.colour);
  root.append(el('div', { class: 'widget', lang: locale, dir: direction, 'data-position': position }, panel.element, bubble.element, announcer.element));
  for (const name of PRIVATE_EVENTS) root.addEventListener(name, (event) => event.stopPropagation());
  addEventListener('pagehide', conversation.save);

  setOpen(store.get().open && innerWidth > 480);
  const loaded = conversation.load().then(() => composer.setBusy(conversation.busy));

  return { open, close, toggle };
}
