import { el } from './el.js';
import { icon } from './icon.js';

const FOCUSABLE = 'button:not([disabled]):not([hidden]), a[href], textarea, summary, [tabindex="0"]';

/**
 * @typedef {import('../texts/en.js').Texts} Texts
 */

/**
 * The window: head, list, composer.
 *
 * @param {string} name
 * @param {Texts} texts
 * @param {{close: () => void, clear: () => void}} actions
 * @param {Node[]} content
 */
export function createPanel(name, texts, actions, content) {
  const button = (/** @type {'fresh' | 'close'} */ what, /** @type {string} */ label, /** @type {() => void} */ click) =>
    el('button', { type: 'button', class: `head-button ${what}`, 'aria-label': label, title: label, on: { click } }, icon(what));
  const head = el(
    'div',
    { class: 'head' },
    el('div', { class: 'mark' }, icon('spark')),
    el('div', { class: 'names' }, el('h2', { id: 'cc-name' }, el('bdi', {}, name || texts.assistant)), el('p', {}, texts.about)),
    button('fresh', texts.fresh, actions.clear),
    button('close', texts.close, actions.close),
  );
  const element = el('section', { class: 'panel', role: 'dialog', 'aria-labelledby': 'cc-name', hidden: true }, head, ...content);

  let modal = false;

  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      actions.close();
    }
    if (event.key !== 'Tab' || !modal) return;
    const inside = [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(FOCUSABLE))].filter((e) => e.getClientRects().length);
    const edge = event.shiftKey ? inside[0] : inside[inside.length - 1];

    if (/** @type {ShadowRoot} */ (element.getRootNode()).activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? inside[inside.length - 1] : inside[0]).focus();
  });

  return {
    element,

    /** Where the panel fills the screen nothing behind it can be used: Tab stays inside. @param {boolean} now */
    setModal(now) {
      modal = now;
      element.setAttribute('aria-modal', String(now));
    },
  };
}
