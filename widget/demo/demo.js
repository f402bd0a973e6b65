/*
 * The demo page: embeds the widget as any page would, with the key from its own address.
 * ?locale= and ?position= are passed on, to look at them.
 */

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const wishes = new URLSearchParams(location.search);
const key = wishes.get('key') ?? '';

/** The line that an owner copies. */
function showSnippet() {
  byId('snippet').textContent = `<script src="${location.origin}/widget.js" data-api-key="${key || 'pk_live_…'}"></script>`;
}

/** @returns {Promise<void>} when the loader has run */
function embed() {
  const script = document.createElement('script');

  script.src = '/widget.js';
  script.dataset.apiKey = key;
  for (const name of ['locale', 'position']) {
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
byId('notice').hidden = key !== '';
/** @type {HTMLButtonElement} */ (byId('ask')).disabled = key === '';
if (key) {
  const ready = embed();
  const open = () => ready.then(() => window.ChatConnect?.open());

  byId('ask').addEventListener('click', open);
  if (matchMedia('(min-width: 1100px)').matches) open();
}
