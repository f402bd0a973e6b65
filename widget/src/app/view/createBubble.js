import { el } from './el.js';
import { icon } from './icon.js';

/**
 * The round button in the corner.
 *
 * @param {import('../texts/en.js').Texts} texts
 * @param {() => void} toggle
 */
export function createBubble(texts, toggle) {
  const element = el('button', { type: 'button', class: 'bubble', 'aria-haspopup': 'dialog', on: { click: toggle } }, icon('chat'), icon('down'), el('span', { class: 'news', hidden: true }));
  const news = /** @type {HTMLElement} */ (element.lastChild);

  return {
    element,

    /** @param {boolean} open */
    setOpen(open) {
      element.setAttribute('aria-expanded', String(open));
      element.setAttribute('aria-label', open ? texts.close : texts.open);
      if (open) news.hidden = true;
    },

    /** An answer has come that nobody has seen. */
    showNews() {
      news.hidden = false;
    },
  };
}
