import { el } from './el.js';
import { icon } from './icon.js';

/**
 * The button in the corner: round, or with some words beside its picture.
 *
 * @param {string} launcher the words, "" for none
 * @param {import('../texts/en.js').Texts} texts
 * @param {() => void} toggle
 */
export function createBubble(launcher, texts, toggle) {
  const news = el('span', { class: 'news', hidden: true });
  const words = el('span', { class: 'launcher', dir: 'auto', hidden: true }, launcher);
  const element = el('button', { class: 'bubble', 'aria-haspopup': 'dialog', click: toggle }, icon('chat'), words, news);

  return {
    element,

    /** @param {boolean} open */
    setOpen(open) {
      element.setAttribute('aria-expanded', String(open));
      element.setAttribute('aria-label', open ? texts.close : launcher || texts.open);
      element.firstElementChild?.replaceWith(icon(open ? 'chevron' : 'chat'));
      words.hidden = open || launcher === '';
      if (open) news.hidden = true;
    },

    /** An answer has come that nobody has seen. */
    showNews() {
      news.hidden = false;
    },
  };
}
