import { el } from './el.js';

/**
 * The live region: says to screen readers what others see happen.
 */
export function createAnnouncer() {
  const element = el('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });

  return {
    element,

    /** @param {string} words */
    say(words) {
      element.textContent = words;
    },
  };
}
