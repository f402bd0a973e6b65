import { page } from '../page.js';
import { createStyles } from '../style/createStyles.js';
import { createAnnouncer } from './createAnnouncer.js';
import { createBubble } from './createBubble.js';
import { createComposer } from './createComposer.js';
import { createLog } from './createLog.js';
import { createPanel } from './createPanel.js';
import { el } from './el.js';

/**
 * @typedef {import('../chat/createConversation.js').Conversation} Conversation
 * @typedef {import('../chat/createConversation.js').Listener} Listener
 * @typedef {ReturnType<typeof createChat>} Chat
 *
 * @typedef {object} Parts
 * @property {"bubble" | "frame" | "page"} form
 * @property {import('../chat/readConfig.js').Config} config
 * @property {import('../texts/en.js').Texts} texts
 * @property {string} locale of the texts
 * @property {string} direction of the texts, "ltr" or "rtl"
 * @property {string} position "left", "right" or "" (where the script of the language begins)
 * @property {string} theme "light", "dark" or "auto"
 * @property {(listener: Listener) => Conversation} connect
 * @property {(name: string, detail?: object) => void} emit tells the page
 * @property {boolean} storeOpen the panel was open when the page went
 * @property {(open: boolean) => void} saveOpen
 */

/** Keys that are typed into the widget are no shortcuts of the page. */
const PRIVATE_EVENTS = ['keydown', 'keyup', 'keypress', 'input', 'paste'];

/**
 * All that is seen of one conversation, and the conversation behind it.
 *
 * The caller puts `styles` and `element` into a root and calls shown(); after destroy() the
 * element is of no use any more.
 *
 * @param {Parts} parts
 */
export function createChat({ form, config, texts, locale, direction, position, theme, connect, emit, storeOpen, saveOpen }) {
  const announcer = createAnnouncer();
  const conversation = connect({
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
      if (answer.state === 'done') emit('answer', { text: answer.text, answerId: answer.answerId });
      else emit('error', { code: answer.problem?.code ?? 'error' });
      if (panel.element.hidden) bubble.showNews();
    },
  });
  /** A question waits for the history, which would replace the list otherwise. @param {string} text */
  const ask = async (text) => {
    await loaded;
    conversation.ask(text);
    emit('question', { text });
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
  const side = position || (direction === 'rtl' ? 'left' : 'right');
  const element = el(
    'div',
    { class: 'widget', lang: locale, dir: direction, 'data-form': form, 'data-position': side, 'data-theme': theme },
    panel.element,
    form === 'page' ? null : bubble.element,
    announcer.element,
  );
  let narrow = false;

  for (const name of PRIVATE_EVENTS) element.addEventListener(name, (event) => event.stopPropagation());
  const loaded = conversation.load().then(() => composer.setBusy(conversation.busy));

  /** @param {boolean} open */
  function setOpen(open) {
    panel.element.hidden = !open;
    bubble.setOpen(open);
    saveOpen(open);
    emit(open ? 'open' : 'close');
    if (open) log.shown();
  }
  function open() {
    if (panel.element.hidden) setOpen(true);
    composer.focus();
  }
  function close() {
    if (form === 'page' || panel.element.hidden) return;
    setOpen(false);
    bubble.element.focus();
  }
  function toggle() {
    if (panel.element.hidden) open();
    else close();
  }

  return {
    element,
    styles: createStyles(config.colour),
    open,
    close,
    toggle,
    isOpen: () => !panel.element.hidden,
    ask,

    /** The panel fills the screen. @param {boolean} now */
    setNarrow(now) {
      narrow = now;
      element.toggleAttribute('data-narrow', now);
      panel.setModal(now);
    },

    /** The element is in its root: shows what was open.  On a narrow screen that would hide the page. */
    shown() {
      panel.element.hidden = form !== 'page' && (narrow || !storeOpen);
      bubble.setOpen(!panel.element.hidden);
      log.shown();
    },

    /** Ends what runs and leaves the page's window alone. */
    destroy() {
      conversation.leave();
      element.remove();
    },
  };
}
