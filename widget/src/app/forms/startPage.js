import { joinParent } from './joinParent.js';

/**
 * Our own page: /chat/{botId}, where the whole window is the chat, and /embed/{botId}, the frame
 * that a loader makes in a page of somebody else.
 *
 * @param {typeof import('../mount.js').mount} mount
 */
export function startPage(mount) {
  const [, form, key] = location.pathname.split('/');
  const root = /** @type {HTMLElement} */ (document.body.firstElementChild).attachShadow({ mode: 'closed' });
  const start = (/** @type {import('./joinParent.js').Wishes} */ wishes) => mount(root, { origin: location.origin, key, page: window, ...wishes });
  const query = new URLSearchParams(location.search);

  if (form === 'embed' && parent !== window) joinParent(start);
  // An address may say how it looks, and not who the visitor is.
  else
    start({ form: 'page', dataset: { locale: query.get('locale') ?? '', theme: query.get('theme') ?? '' }, emit() {} }).catch(() => {
      root.textContent = 'This chat is not available.';
    });
}
