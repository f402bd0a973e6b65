import { el } from './el.js';
import { icon } from './icon.js';

/**
 * The owner's picture; our mark, when there is none or it does not come.
 *
 * @param {string} address
 */
export function createPicture(address) {
  const element = el('div', { class: 'mark' });
  const fall = () => element.replaceChildren(icon('spark'));

  if (address) element.append(el('img', { src: address, alt: true, referrerpolicy: 'no-referrer', error: fall }));
  else fall();
  return element;
}
