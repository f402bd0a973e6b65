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
  const leave = new AbortController();
  const styles = createStyles(config);
  const announcer = createAnnouncer();
  /** Answers whose end has been told, or that had ended before. */
  const told = new WeakSet();
  let online = true;
  let handoff = '';
  let narrow = false;
  /** @type {ReturnType<typeof createForm> | null} what is to be filled in where one writes otherwise */
  let sheet = null;
  let sheetIsFirst = false;

  const conversation = connect({
    reset(entries) {
      for (const entry of entries) if (entry.kind === 'answer' && entry.answer.ended) told.add(entry.answer);
      log.reset(entries);
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
      if (state === handoff) return;
      handoff = state;
      tell();
      emit('handoff', { state });
    },
    online(now) {
      if (now === online) return;
      online = now;
      tell();
    },
  });
  const actions = { ask, stop: conversation.stop, say: announcer.say, retry: conversation.retry, rate: conversation.rate, attach: conversation.attach, detach: conversation.detach };
  const files = features.upload ? createFiles(config.files, texts, actions) : null;
  const log = createLog(config, texts, actions);
  const composer = createComposer(config, texts, actions, files);
  const slot = el('div', { class: 'sheet' });
  const panel = createPanel(config, texts, form === 'page' ? null : close, menu(), [log.element, slot, composer.element]);
  const bubble = createBubble(config.launcher, texts, toggle);
  const side = position || (direction === 'rtl' ? 'left' : 'right');
  const element = el(
    'div',
    { class: 'widget', lang: locale, dir: direction, 'data-form': form, 'data-position': side, 'data-theme': theme || 'auto' },
    panel.element,
    form !== 'page' && bubble.element,
    announcer.element,
    files?.input,
  );
  const loaded = conversation.load().then(() => {
    draw();
    greet();
  });

  files?.serve(panel.element);
  for (const name of PRIVATE_EVENTS) element.addEventListener(name, (event) => event.stopPropagation());

  function draw() {
    composer.setBusy(conversation.busy);
  }

  /** What stands over the list. */
  function tell() {
    /** @type {Record<string, string>} */
    const states = { waiting: texts.waiting, joined: texts.joined, ended: texts.ended };
    const words = online ? (states[handoff] ?? '') : texts.away;

    panel.tell(words);
    if (words) announcer.say(words);
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
    if (panel.element.hidden) bubble.showNews();
  }

  /** A question waits for the history, which would replace the list otherwise. @param {string} text */
  async function ask(text) {
    await loaded;
    if (!conversation.ask(text)) return panel.tell(texts.tooBusy);
    emit('question', { text });
    draw();
    focus();
  }

  function focus() {
    (sheet ?? composer).focus();
  }

  /** @param {import('./createForm.js').About | null} about what is to be filled in now, null for nothing */
  function show(about) {
    sheet = about && createForm(about, texts);
    sheetIsFirst = false;
    slot.replaceChildren(...(sheet ? [sheet.element] : []));
    panel.element.toggleAttribute('data-sheet', sheet !== null);
    if (!panel.element.hidden) focus();
  }

  const hide = () => show(null);

  /** Before the first question there may be a form; once it was sent, from whatever tab, it goes. */
  function greet() {
    if (!conversation.formWanted || !prechat) return sheetIsFirst ? hide() : undefined;
    if (sheetIsFirst) return;
    show({ ...prechat, action: texts.start, send: (values) => conversation.sendForm(values).then(hide) });
    sheetIsFirst = true;
  }

  /** @returns {import('./createMenu.js').Item[]} */
  function menu() {
    /** @type {import('./createForm.js').Field[]} */
    const fields = [
      { name: 'email', label: texts.email, type: 'email' },
      { name: 'note', label: texts.note, type: 'note' },
    ];
    const person = () =>
      show({ title: texts.person, text: texts.personAsk, fields, action: texts.send, cancel: hide, send: (values) => conversation.askPerson(values).then(hide) });
    const erase = () =>
      show({ title: texts.erase, text: texts.eraseAsk, action: texts.erase, danger: true, cancel: hide, send: () => conversation.forget().then(restart) });
    /** @type {[unknown, import('./createMenu.js').Item][]} */
    const items = [
      [true, [texts.fresh, () => (conversation.clear(), restart())]],
      [features.handoff, [texts.person, person]],
      [features.delete, [texts.erase, erase]],
    ];

    return items.filter(([has]) => has).map(([, item]) => item);
  }

  function restart() {
    hide();
    greet();
    draw();
  }

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
    focus();
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
    styles: styles.sheets,
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
      const { visualViewport: screen, getComputedStyle } = page.window;
      const fit = () => styles.fit(/** @type {VisualViewport} */ (screen));

      styles.paint(getComputedStyle(element).getPropertyValue('--chatconnect-accent'));
      for (const name of ['resize', 'scroll']) screen?.addEventListener(name, fit, { signal: leave.signal });
      panel.element.hidden = form !== 'page' && (narrow || !storeOpen);
      bubble.setOpen(!panel.element.hidden);
      log.shown();
    },

    /** Ends what runs and leaves the page's window alone. */
    destroy() {
      leave.abort();
      conversation.leave();
      element.remove();
    },
  };
}
