import { icon } from './icon.js';

/**
 * Gives a button a picture and the words for what it does.
 *
 * @param {HTMLButtonElement} button whose first child is its picture, if it has one yet
 * @param {Parameters<typeof icon>[0]} picture
 * @param {string} label
 */
export function dress(button, picture, label) {
  // A picture that changes under a finger swallows the click.
  if (button.title === label) return;
  button.title = label;
  button.setAttribute('aria-label', label);
  button.replaceChildren(icon(picture), ...Array.from(button.children).slice(1));
}
