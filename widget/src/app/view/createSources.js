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
  if (row) return texts.row.replace('{n}', String(row));
  return page ? texts.page.replace('{n}', String(page)) : '';
}

/** @param {Source} source @param {Texts} texts */
function createSource(source, texts) {
  const href = safeLink(source.url ?? '');
  const place = placeOf(source, texts);

  return el(
    'details',
    { class: 'source' },
    el(
      'summary',
      {},
      el('span', { class: 'number' }, String(source.n)),
      el('span', { class: 'title' }, el('bdi', {}, source.title || href || texts.source.replace('{n}', String(source.n)))),
      place && el('span', { class: 'page' }, place),
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

/** @param {string} text the numbers that it cites */
const citedIn = (text) => new Set(Array.from(text.matchAll(/\[(\d{1,3})\]/g), (match) => Number(match[1])));

/**
 * The list of sources under an answer.  Each opens to the passage that the answer relies on.  Those
 * that the answer cites come first; others that were found wait behind a button.
 *
 * @param {Texts} texts
 */
export function createSources(texts) {
  const list = el('div', { class: 'list' });
  const more = el('button', { class: 'more', click: showAll });
  const element = el('div', { class: 'sources', hidden: true }, el('div', { class: 'label' }, texts.sources), list, more);
  /** @type {Map<number, HTMLDetailsElement>} */
  const byNumber = new Map();
  /** @type {Source[]} */
  let shown = [];

  function showAll() {
    const folded = [...byNumber.values()].filter((source) => source.hidden);

    for (const source of folded) source.hidden = false;
    element.hidden = false;
    more.hidden = true;
    folded[0]?.querySelector('summary')?.focus();
  }

  return {
    element,

    /** @param {Source[]} sources @returns {boolean} whether they are other ones than before */
    set(sources) {
      if (sources === shown) return false;
      shown = sources;
      byNumber.clear();
      for (const source of sources) byNumber.set(source.n, createSource(source, texts));
      list.replaceChildren(...byNumber.values());
      element.hidden = true;
      return true;
    },

    /** The answer has ended: what it relies on is shown. @param {string} text */
    settle(text) {
      if (!element.hidden || byNumber.size === 0) return;
      const cited = citedIn(text);
      const known = [...byNumber.keys()];
      const first = known.some((n) => cited.has(n)) ? known.filter((n) => cited.has(n)) : known.slice(0, UNCITED_SHOWN);

      for (const [n, source] of byNumber) source.hidden = !first.includes(n);
      more.textContent = texts.more.replace('{n}', String(known.length - first.length));
      more.hidden = first.length === known.length;
      element.hidden = false;
    },

    /** @param {number} n */
    has: (n) => byNumber.has(n),

    /** Shows the passage of one. @param {number} n */
    reveal(n) {
      const source = byNumber.get(n);

      if (!source) return;
      if (element.hidden || source.hidden) showAll();
      source.open = true;
      source.querySelector('summary')?.focus();
    },
  };
}
