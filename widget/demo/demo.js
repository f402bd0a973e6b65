/*
 * The demo page: embeds the widget as any page would, with the key or the bot's id from its own
 * address.  ?mode=, ?locale=, ?position= and ?theme= are passed on, to look at them.
 */

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const wishes = new URLSearchParams(location.search);
const key = wishes.get('key') ?? '';
const kind = key.startsWith('bot_') ? 'botId' : 'apiKey';
const iframe = wishes.get('mode') === 'iframe';

/** The line that an owner copies. */
function showSnippet() {
  const mode = iframe ? ' data-mode="iframe"' : '';
  const name = kind === 'botId' ? 'data-bot-id' : 'data-api-key';

  byId('snippet').textContent = `<script src="${location.origin}/widget.js" ${name}="${key || 'pk_live_…'}"${mode} async></script>`;
}

/** @param {string} id @param {string} href */
function link(id, href) {
  byId(id).setAttribute('href', href);
}

function showForms() {
  const other = new URLSearchParams(wishes);

  if (iframe) other.delete('mode');
  else other.set('mode', 'iframe');
  link('page', `/chat/${encodeURIComponent(key)}`);
  link('other', `?${other}`);
  byId('other').textContent = iframe ? 'in the page itself' : 'in a frame of its own';
  byId('forms').hidden = key === '';
}

/** @returns {Promise<void>} when the loader has run */
function embed() {
  const script = document.createElement('script');

  script.src = '/widget.js';
  script.dataset[kind] = key;
  for (const name of ['mode', 'locale', 'position', 'theme']) {
    const wish = wishes.get(name);

    if (wish) script.dataset[name] = wish;
  }
  return new Promise((resolve, reject) => {
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', reject);
    document.head.append(script);
  });
}

showSnippet();
showForms();
byId('notice').hidden = key !== '';
/** @type {HTMLButtonElement} */ (byId('ask')).disabled = key === '';
if (key) {
  const ready = embed();
  const open = () => ready.then(() => window.ChatConnect?.open());

  byId('ask').addEventListener('click', open);
  if (matchMedia('(min-width: 1100px)').matches) open();
}
