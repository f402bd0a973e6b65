/*
 * /chat/{botId}, where the whole window is the chat, and /embed/{botId}, the frame that a loader
 * makes in a page of somebody else.
 */
import { joinParent } from '../src/app/forms/joinParent.js';
import { mount } from '../src/app/mount.js';

const [, form, name] = location.pathname.split('/');
const framed = form === 'embed' && parent !== window;
const host = /** @type {HTMLElement} */ (document.getElementById('chat'));
const root = host.attachShadow({ mode: 'closed' });
const start = (/** @type {import('../src/app/forms/joinParent.js').Wishes} */ wishes) =>
  mount(host, root, { origin: location.origin, key: decodeURIComponent(name), page: window, ...wishes });

/** An address may say how it looks, and not who the visitor is. */
async function startPage() {
  const query = new URLSearchParams(location.search);
  const dataset = { locale: query.get('locale') ?? '', theme: query.get('theme') ?? '' };

  try {
    await start({ form: 'page', dataset, emit() {} });
  } catch {
    root.textContent = 'This chat is not available.';
  }
}

document.documentElement.className = framed ? 'embed' : 'chat';
if (framed) joinParent(parent, start);
else startPage();
