import { createMenu } from './createMenu.js';
import { createPicture } from './createPicture.js';
import { el } from './el.js';
import { iconButton } from './iconButton.js';

const FOCUSABLE = 'button:enabled, a, textarea, input, select, summary, [tabindex]';

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
  const notice = el('p', { class: 'notice', hidden: true });
  const name = config.title || config.name || texts.assistant;
  const head = el(
    'div',
    { class: 'head' },
    createPicture(config.logo || config.avatar),
    el('div', { class: 'names' }, el(close ? 'h2' : 'h1', { id: 'cc-name' }, el('bdi', {}, name)), el('p', { dir: 'auto' }, config.subtitle || texts.about)),
    createMenu(texts.options, items),
    close && iconButton('close', texts.close, close, 'head-button'),
  );
  const foot = el(
    'div',
    { class: 'foot' },
    config.footer && el('bdi', {}, config.footer),
    config.privacyUrl && el('a', { href: config.privacyUrl, target: '_blank', rel: 'noopener' }, texts.privacy),
  );
  const element = el('section', { class: 'panel', role: close ? 'dialog' : 'main', 'aria-labelledby': 'cc-name', hidden: true }, head, notice, ...content, foot);
  let modal = false;

  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && close) {
      event.preventDefault();
      close();
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
      modal = now && close !== null;
      if (close) element.setAttribute('aria-modal', String(now));
    },

    /** @param {string} words what is to be known at once, "" for nothing */
    tell(words) {
      notice.textContent = words;
      notice.hidden = words === '';
    },
  };
}
