import { page } from '../page.js';
import { createAnswerView } from './createAnswerView.js';
import { el } from './el.js';

/** One who has scrolled up by more than this many pixels is left alone. */
const SCROLLED_UP = 40;
/** Room above the last question when its answer fills the list. */
const ABOVE_QUESTION = 12;

/**
 * @typedef {import('../chat/readHistory.js').Entry} Entry
 * @typedef {import('../chat/readHistory.js').AnswerEntry} AnswerEntry
 * @typedef {import('../chat/readConfig.js').Config} Config
 * @typedef {import('../texts/en.js').Texts} Texts
 * @typedef {Parameters<typeof createAnswerView>[2] & {ask: (text: string) => void}} Actions
 */

/**
 * The list of messages.  Not live itself: screen readers would hear every token; they
 * get sentences from the announcer.
 *
 * @param {Config} config
 * @param {Texts} texts
 * @param {Actions} actions
 */
export function createLog(config, texts, actions) {
  const greeting = el('div', { class: 'answer greeting' }, el('div', { class: 'words' }, el('p', { dir: 'auto' }, config.greeting || texts.hello)));
  const starters = el(
    'div',
    { class: 'starters' },
    ...config.starters.map((text) => el('button', { dir: 'auto', click: () => actions.ask(text) }, text)),
  );
  const list = el('div', { class: 'entries' });
  const element = el('div', { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': texts.conversation, tabindex: 0, scroll }, greeting, list, starters);
  /** @type {WeakMap<Entry, ReturnType<typeof createAnswerView>>} */
  const views = new WeakMap();
  /** @type {Set<ReturnType<typeof createAnswerView> | undefined>} */
  const dirty = new Set();
  const still = page.window.matchMedia('(prefers-reduced-motion: reduce)');
  let following = true;
  let furthest = 0;

  function scroll() {
    furthest = Math.max(furthest, element.scrollTop);
    following = element.scrollTop > furthest - SCROLLED_UP;
  }

  /** Down to the end, but not past the last question: an answer is read from its beginning.  Not away from what has the focus. */
  function toEnd() {
    const question = /** @type {HTMLElement | null} */ (list.querySelector('.question:nth-last-child(2)'));
    const top = question ? question.offsetTop - element.offsetTop - ABOVE_QUESTION : Infinity;

    if (following && !list.querySelector(':focus')) element.scrollTop = Math.min(top, element.scrollHeight);
  }

  function draw() {
    // Words come at once to one who wants no movement.
    for (const view of dirty) if (!view?.show(!still.matches)) dirty.delete(view);
    toEnd();
    if (dirty.size) page.window.requestAnimationFrame(draw);
  }

  /** @param {Entry} entry */
  function add(entry) {
    starters.hidden = true;
    if (entry.kind === 'question') {
      following = true;
      list.append(el('div', { class: 'question' }, el('span', { class: 'unseen' }, `${texts.you}: `), el('p', { dir: 'auto' }, entry.text)));
    } else {
      const view = createAnswerView(entry, texts, actions);

      views.set(entry, view);
      view.show(false);
      list.append(view.element);
    }
    toEnd();
  }

  return {
    element,
    add,

    /** Shown with the next frames, however many tokens arrive. @param {AnswerEntry} entry */
    change(entry) {
      if (!dirty.size) page.window.requestAnimationFrame(draw);
      dirty.add(views.get(entry));
    },

    /** @param {Entry[]} entries */
    reset(entries) {
      dirty.clear();
      list.replaceChildren();
      following = true;
      furthest = 0;
      starters.hidden = false;
      entries.forEach(add);
    },

    /** The panel was hidden until now, and hidden things do not scroll. */
    shown: toEnd,
  };
}
