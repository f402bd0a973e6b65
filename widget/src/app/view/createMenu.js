import { el } from './el.js';
import { iconButton } from './iconButton.js';

/**
 * @typedef {[label: string, run: () => void]} Item
 */

/**
 * A button and the list of buttons that it opens.  Escape, or leaving it, closes it.
 *
 * @param {string} label
 * @param {Item[]} items
 */
export function createMenu(label, items) {
  const button = iconButton('more', label, () => setOpen(list.hidden), 'head-button');
  const list = el(
    'div',
    { class: 'menu' },
    ...items.map(([text, run]) => el('button', { click: () => (close(), run()) }, text)),
  );
  const element = el('div', { class: 'more-menu' }, button, list);

  /** @param {boolean} open */
  function setOpen(open) {
    list.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  }
  function close() {
    setOpen(false);
    button.focus();
  }

  setOpen(false);
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget && !element.contains(/** @type {Node} */ (relatedTarget))) setOpen(false);
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || list.hidden) return;
    event.stopPropagation();
    close();
  });
  return element;
}
