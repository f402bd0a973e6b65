import { dress } from './dress.js';
import { el } from './el.js';

/**
 * A button that shows a picture and says what it does.
 *
 * @param {Parameters<typeof dress>[1]} picture
 * @param {string} label
 * @param {(event: Event) => void} click
 * @param {string} [kind] class
 */
export function iconButton(picture, label, click, kind = 'quiet') {
  const button = el('button', { class: kind, click });

  dress(button, picture, label);
  return button;
}
