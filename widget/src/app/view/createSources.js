import { safeLink } from '../markdown/safeLink.js';
import { el } from './el.js';
import { icon } from './icon.js';

/** So many are shown of an answer that cites none. */
const UNCITED_SHOWN = 3;

/**
 * @typedef {import('../chat/Answer.js').Source} Source
 * @typedef {import('../texts/en.js').Texts} Texts
 */

/** Where it begins in its document; "" when that has neither. @param {Source} source @param {Texts} texts */
function placeOf({ page, row }, texts) {
  if (row) return texts.row.replace('{n}', `${row}`);
  return page ? texts.page.replace('{n}', `${page}`) : '';
}

/** @param {Source} source @param {Texts} texts */
function createSource(source, texts) {
  const href = safeLink(source.url ?? '');

  return el(
    'details',
    { class: 'source' },
    el(
      'summary',
      {},
      el('span', { class: 'number' }, `${source.n}`),
      el('span', { class: 'title' }, el('bdi', {}, source.title || href || texts.source.replace('{n}', `${source.n}`))),
      el('span', { class: 'page' }, placeOf(source, texts)),
      icon('chevron'),
    ),
    el(
      'div',
      { class: 'snippet' },
      el('p', { dir: 'auto' }, `${source.snippet ?? ''}`.replace(/\n\s*\n/g, '\n')),
      href && el('a', { href, target: '_blank', rel: 'noopener nofollow ugc', dir: 'ltr' }, href),
    ),
  );
}

/** @param {HTMLElement | undefined} source */
const focus = (source) => source?.querySelector('summary')?.focus();

/**
 * The list of sources under an answer.  Each opens to the passage that the answer relies on.  Those
 * that the answer cites come first; others that were found wait behind a button.
 *
 * @param {Texts} texts
 */
export function createSources(texts) {
  const list = el('div', { class: 'list' });
  const more = el('button', { class: 'more', click: showAll, hidden: true });
  const element = el('div', { class: 'sources', hidden: true }, el('div', { class: 'label' }, texts.sources), list, more);
  /** @type {Map<number, HTMLDetailsElement>} */
  let byNumber = new Map();
  /** @type {Source[]} */
  let shown = [];

  function showAll() {
    const folded = [...byNumber.values()].filter((source) => source.hidden);

    for (const source of folded) source.hidden = false;
    more.hidden = true;
    focus(folded[0]);
  }

  return {
    element,

    /** @param {Source[]} sources @returns {boolean} whether they are other ones than before */
    set(sources) {
      if (sources === shown) return false;
      shown = sources;
      byNumber = new Map(sources.map((source) => [source.n, createSource(source, texts)]));
      list.replaceChildren(...byNumber.values());
      element.hidden = true;
      return true;
    },

    /** The answer has ended: what it relies on is shown. @param {string} text */
    settle(text) {
      if (!element.hidden) return;
      const all = [...byNumber];
      const cited = all.filter(([n]) => text.includes(`[${n}]`));
      const first = cited[0] ? cited : all.slice(0, UNCITED_SHOWN);

      for (const pair of all) pair[1].hidden = !first.includes(pair);
      more.textContent = texts.more.replace('{n}', `${all.length - first.length}`);
      more.hidden = first.length === all.length;
      element.hidden = !all.length;
    },

    /** A button that shows the passage of one, null when there is none. @param {number} n */
    cite(n) {
      const source = byNumber.get(n);
      const click = () => {
        element.hidden = false;
        if (source) source.open = true;
        focus(source);
      };

      return source ? el('button', { class: 'cite', 'aria-label': texts.source.replace('{n}', `${n}`), click }, `${n}`) : null;
    },
  };
}
