import { el } from './el.js';
import { icon } from './icon.js';

/**
 * A button that shows a picture and says what it does.
 *
 * @param {Parameters<typeof icon>[0]} picture
 * @param {string} label
 * @param {(event: Event) => void} click
 * @param {string} [kind] class
 * @returns {HTMLButtonElement}
 */
export const iconButton = (picture, label, click, kind = 'quiet') =>
  el('button', { class: kind, 'aria-label': label, title: label, click }, icon(picture));
