import { page } from '../page.js';
import { createStyles } from '../style/createStyles.js';
import { createAnnouncer } from './createAnnouncer.js';
import { createBubble } from './createBubble.js';
import { createComposer } from './createComposer.js';
import { createFiles } from './createFiles.js';
import { createForm } from './createForm.js';
import { createLog } from './createLog.js';
import { createPanel } from './createPanel.js';
import { el } from './el.js';

/**
 * @typedef {import('../chat/createConversation.js').Conversation} Conversation
 * @typedef {import('../chat/createConversation.js').Listener} Listener
 * @typedef {ReturnType<typeof createChat>} Chat
 * @typedef {import('./createForm.js').About} About
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

/** What is done in the widget is none of the page's business. */
const PRIVATE_EVENTS = ['keydown', 'keyup', 'keypress', 'input', 'paste', 'drop', 'dragover'];

/**
 * All that is seen of one conversation, and the conversation behind it.
 *
 * The caller puts `styles` and `element` into a root and calls shown(); after destroy() the
 * element is of no use any more.
 *
 * @param {Parts} parts
 */
export function createChat({ form, config, texts, locale, direction, position, theme, connect, emit, storeOpen, saveOpen }) {
  const { features, prechat } = config;
  const isPage = form === 'page';
  const leave = new AbortController();
  const styles = createStyles(config, theme);
  const announcer = createAnnouncer();
  /** Answers whose end has been told, or that had ended before. */
  const told = new WeakSet();
  let online = true;
  let handoff = '';
  /** @type {About | null} what is to be filled in where one writes otherwise */
  let about = null;
  /** @type {{focus: () => void}} */
  let writing;

  const conversation = connect({
    reset(entries) {
      for (const entry of entries) if (entry.kind === 'answer' && entry.answer.ended) told.add(entry.answer);
      log.reset(entries);
      draw();
      greet();
    },
    added(entry) {
      log.add(entry);
      draw();
    },
    changed(entry) {
      log.change(entry);
      draw();
      follow(entry.answer);
    },
    files: (list) => files?.show(list),
    handoff(state) {
      handoff = state;
      tell();
      emit('handoff', { state });
    },
    online(now) {
      online = now;
      tell();
    },
  });
  const actions = { ...conversation, ask, say: announcer.say };
  const files = features.upload ? createFiles(config.files, texts, actions) : null;
  const log = createLog(config, texts, actions);
  const composer = createComposer(config, texts, actions, files);
  const slot = el('div', { class: 'sheet' });
  const panel = createPanel(config, texts, isPage ? null : toggle, menu(), [log.element, slot, composer.element]);
  const bubble = createBubble(config.launcher, texts, toggle);
  const side = position || (direction === 'rtl' ? 'left' : 'right');
  const element = el(
    'div',
    { class: 'widget', lang: locale, dir: direction, 'data-form': form, 'data-position': side, 'data-theme': theme || 'auto' },
    panel.element,
    !isPage && bubble.element,
    announcer.element,
    files?.input,
  );
  /** Before the first question there may be a form; once it was sent, from whatever tab, it goes. @type {About} */
  const welcome = { ...prechat, action: texts.start, send: (values) => conversation.sendForm(values).then(greet) };

  const isOpen = () => !panel.element.hidden;
  const focus = () => writing.focus();

  writing = composer;
  conversation.load();

  files?.serve(panel.element);
  for (const name of PRIVATE_EVENTS) element.addEventListener(name, (event) => event.stopPropagation());

  function draw() {
    composer.setBusy(conversation.busy);
  }

  /** What stands over the list. */
  function tell(words = online ? ({ waiting: texts.waiting, joined: texts.joined, ended: texts.ended }[handoff] ?? '') : texts.away) {
    if (words && words !== panel.notice.textContent) announcer.say(words);
    panel.notice.textContent = words;
  }

  /** @param {import('../chat/Answer.js').Answer} answer that has changed */
  function follow(answer) {
    if (told.has(answer)) return;
    if (answer.state !== 'failed' && answer.state !== 'queued') announcer.follow(answer, texts.thinking);
    if (!answer.ended) return;
    told.add(answer);
    if (answer.state === 'done') emit('answer', { text: answer.text, answerId: answer.answerId });
    else {
      announcer.say(texts.failed);
      emit('error', { code: answer.problem?.code ?? 'error' });
    }
    bubble.news.hidden = isOpen();
  }

  /** @param {string} text */
  async function ask(text) {
    if (!conversation.ask(text)) return tell(texts.failed);
    emit('question', { text });
    focus();
  }

  /** @param {About | null} now what is to be filled in, null for nothing */
  function show(now) {
    const sheet = now && createForm(now, texts);

    about = now;
    writing = sheet ?? composer;
    slot.replaceChildren(sheet?.element ?? '');
    panel.element.toggleAttribute('data-sheet', !!sheet);
    if (isOpen()) focus();
  }

  function greet() {
    if (conversation.formWanted !== (about === welcome)) show(conversation.formWanted ? welcome : null);
  }

  function hide() {
    show(null);
    greet();
  }

  /** @returns {import('./createMenu.js').Item[]} */
  function menu() {
    /** @type {About} */
    const person = {
      title: texts.person,
      text: texts.waiting,
      fields: [
        { name: 'email', label: texts.email, type: 'email' },
        { name: 'note', label: texts.note, type: 'note' },
      ],
      action: texts.send,
      send: conversation.askPerson,
      end: hide,
    };
    /** @type {About} */
    const erase = { title: texts.erase, text: texts.eraseAsk, action: texts.erase, kind: 'main danger', send: conversation.forget, end: hide };

    return [
      [texts.fresh, () => (conversation.clear(), hide()), true],
      [texts.person, () => show(person), features.handoff],
      [texts.erase, () => show(erase), features.delete],
    ];
  }

  /** @param {boolean} open */
  function drawOpen(open) {
    panel.element.hidden = !open;
    bubble.setOpen(open);
    log.shown();
  }

  /** @param {boolean} open */
  function setOpen(open) {
    if (open !== isOpen() && !isPage) {
      drawOpen(open);
      saveOpen(open);
      emit(open ? 'open' : 'close');
      if (!open) bubble.element.focus();
    }
    if (open) focus();
  }
  function toggle() {
    setOpen(!isOpen());
  }

  return {
    element,
    styles: styles.sheets,
    open: () => setOpen(true),
    close: () => setOpen(false),
    toggle,
    isOpen,
    ask,

    /** The panel fills the screen. @param {boolean} now */
    setNarrow(now) {
      element.toggleAttribute('data-narrow', now);
      if (!isPage) panel.element.setAttribute('aria-modal', String(now));
    },

    /** The element is in its root: shows what was open.  On a narrow screen that would hide the page. */
    shown() {
      const { visualViewport: screen } = page.window;
      const fit = () => styles.fit(/** @type {VisualViewport} */ (screen));

      for (const name of ['resize', 'scroll']) screen?.addEventListener(name, fit, { signal: leave.signal });
      drawOpen(isPage || (storeOpen && !element.matches('[data-narrow]')));
    },

    /** Ends what runs and leaves the page's window alone. */
    destroy() {
      leave.abort();
      conversation.leave();
      element.remove();
    },
  };
}
