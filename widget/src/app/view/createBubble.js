import { dress } from './dress.js';
import { el } from './el.js';
import { iconButton } from './iconButton.js';

/**
 * The button in the corner: round, or with some words beside its picture.
 *
 * @param {string} launcher the words, "" for none
 * @param {import('../texts/en.js').Texts} texts
 * @param {() => void} toggle
 */
export function createBubble(launcher, texts, toggle) {
  const news = el('span', { class: 'news' });
  const words = el('span', { class: 'launcher', dir: 'auto' }, launcher);
  const element = iconButton('chat', texts.open, toggle, 'bubble');

  element.append(words, news);

  return {
    element,

    /** An answer that nobody has seen, while it is not hidden. */
    news,

    /** @param {boolean} open */
    setOpen(open) {
      element.setAttribute('aria-expanded', String(open));
      dress(element, open ? 'chevron' : 'chat', open ? texts.close : launcher || texts.open);
      words.hidden = open || !launcher;
      news.hidden = true;
    },
  };
}
