import { createMenu } from './createMenu.js';
import { createPicture } from './createPicture.js';
import { el } from './el.js';
import { iconButton } from './iconButton.js';

const FOCUSABLE = ':enabled, a, summary, [tabindex]';
/** What Escape presses where it stands, before it closes the panel. */
const WAY_BACK = '.back, [aria-expanded=true]';

/**
 * The window: head, what is to be known at once, list, composer, foot.
 *
 * @param {import('../chat/readConfig.js').Config} config
 * @param {import('../texts/en.js').Texts} texts
 * @param {(() => void) | null} close null: it is all of the page
 * @param {import('./createMenu.js').Item[]} items of the menu
 * @param {Node[]} content
 */
export function createPanel(config, texts, close, items, content) {
  const notice = el('p', { class: 'notice' });
  const closer = close && iconButton('close', texts.close, close, 'head-button');
  const name = config.title || config.name || texts.assistant;
  const head = el(
    'div',
    { class: 'head' },
    createPicture(config.logo || config.avatar),
    el('div', { class: 'names' }, el(close ? 'h2' : 'h1', { id: 'cc-name' }, el('bdi', {}, name)), el('p', { dir: 'auto' }, config.subtitle || texts.about)),
    createMenu(texts.options, items),
    closer,
  );
  const foot = el(
    'div',
    { class: 'foot' },
    config.footer,
    config.privacyUrl && el('a', { href: config.privacyUrl, target: '_blank', rel: 'noopener nofollow ugc' }, texts.privacy),
  );
  const element = el(
    'section',
    { class: 'panel', role: close ? 'dialog' : 'main', 'aria-labelledby': 'cc-name', hidden: true, keydown },
    head,
    notice,
    ...content,
    foot,
  );

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    const target = /** @type {HTMLElement} */ (event.target);

    if (event.key === 'Escape' && event.keyCode !== 229) {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (target.closest('form, .more-menu')?.querySelector(WAY_BACK) ?? closer)?.click();
    }
    // Where the panel fills the screen nothing behind it can be used: Tab stays inside.
    if (event.key !== 'Tab' || element.getAttribute('aria-modal') !== 'true') return;
    const inside = [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(FOCUSABLE))].filter((e) => e.getClientRects().length);

    if (event.shiftKey) inside.reverse();
    if (target !== inside.at(-1)) return;
    event.preventDefault();
    inside[0].focus();
  }

  return { element, notice };
}
