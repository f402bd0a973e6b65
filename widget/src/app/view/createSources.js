import { safeLink } from '../markdown/safeLink.js';
import { el } from './el.js';
import { icon } from './icon.js';

/**
 * @typedef {import('../chat/Answer.js').Source} Source
 * @typedef {import('../texts/en.js').Texts} Texts
 */

/** What was opened at the lower edge comes into view. @param {Event} event */
function showWhole({ target }) {
  const source = /** @type {HTMLDetailsElement} */ (target);

  if (source.open) source.scrollIntoView({ block: 'nearest' });
}

/** @param {Source} source @param {Texts} texts */
function createSource(source, texts) {
  const href = safeLink(source.url ?? '');
  const page = source.page ? texts.page.replace('{n}', String(source.page)) : '';

  return el(
    'details',
    { class: 'source', on: { toggle: showWhole } },
    el(
      'summary',
      {},
      el('span', { class: 'number' }, String(source.n)),
      el('span', { class: 'title' }, el('bdi', {}, source.title || href || texts.source.replace('{n}', String(source.n)))),
      page && el('span', { class: 'page' }, page),
      icon('chevron'),
    ),
    el(
      'div',
      { class: 'snippet' },
      el('p', { dir: 'auto' }, String(source.snippet ?? '').replace(/\n\s*\n/g, '\n')),
      href && el('a', { href, target: '_blank', rel: 'noopener nofollow ugc' }, texts.openSource),
    ),
  );
}

/**
 * The list of sources under an answer.  Each opens to the passage that the answer relies on.
 *
 * @param {Texts} texts
 */
export function createSources(texts) {
  const list = el('div', { class: 'list' });
  const element = el('div', { class: 'sources', hidden: true }, el('div', { class: 'label' }, texts.sources), list);
  /** @type {Map<number, HTMLDetailsElement>} */
  const byNumber = new Map();
  /** @type {Source[]} */
  let shown = [];

  return {
    element,

    /** @param {Source[]} sources @returns {boolean} whether they are other ones than before */
    show(sources) {
      if (sources === shown) return false;
      shown = sources;
      byNumber.clear();
      for (const source of sources) byNumber.set(source.n, createSource(source, texts));
      list.replaceChildren(...byNumber.values());
      element.hidden = sources.length === 0;
      return true;
    },

    /** @param {number} n */
    has: (n) => byNumber.has(n),

    /** Shows the passage of one. @param {number} n */
    reveal(n) {
      const source = byNumber.get(n);

      if (!source) return;
      source.open = true;
      source.querySelector('summary')?.focus();
    },
  };
}
