import { el } from './el.js';
import { iconButton } from './iconButton.js';

/**
 * @typedef {[label: string, run: () => void, has: boolean | undefined]} Item
 */

/**
 * A button and the list of buttons that it opens.  Leaving it closes it, and so does Escape, which
 * the panel hears.
 *
 * @param {string} label
 * @param {Item[]} items
 */
export function createMenu(label, items) {
  const button = iconButton('more', label, () => (setOpen(list.hidden), button.focus()), 'head-button');
  const list = el(
    'div',
    { class: 'menu' },
    ...items.map(([text, run, has]) => has && el('button', { click: () => (setOpen(false), run()) }, text)),
  );
  const element = el('div', { class: 'more-menu', focusout }, button, list);

  /** @param {boolean} open */
  function setOpen(open) {
    list.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  }

  /** @param {FocusEvent} event */
  function focusout({ relatedTarget }) {
    if (relatedTarget && !element.contains(/** @type {Node} */ (relatedTarget))) setOpen(false);
  }

  setOpen(false);
  return element;
}
