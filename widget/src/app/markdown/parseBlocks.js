import { parseInline } from './parseInline.js';

/** @typedef {import('./parseInline.js').Node} Node */

const DEPTH_MAX = 4;

/** Ends a paragraph that stands above it: a fence, a heading, a quote, an item, a rule. */
const START = / {0,3}(?:`{3}|~{3}|#{1,6} |>|(?:[-*+•]|\d{1,9}[.)])(?: |$)|(?:[-*_] *){3,}$)/.source;
/** The next line, if it simply goes on. */
const NEXT = `\\n(?!${START}).+`;
/** Items of a kind, each with what is indented or simply goes on. @param {string} mark */
const list = (mark) => `((?:^ {0,3}${mark}(?: .*)?$(?:\\n+ {2,}.*|${NEXT})*\\n*)+)`;
const ITEM = /^(?= ?(?:[-*+•]|\d{1,9}[.)])(?: |$))/m;

/**
 * The blocks; toBlocks() has their groups in this order.  Of a rule nothing is shown.  An open
 * fence at the end is code, too: its end is still on the way.
 */
const BLOCK = RegExp(
  [
    /^ {0,3}(`{3,}|~{3,})[^`\n]*$\n?([^]*?)(?:^ *\1$|$(?![^]))/.source,
    /^ {0,3}#{1,6} (.*?)(?: #+)?$/.source,
    /^ {0,3}(?:[-*_] *){3,}$/.source,
    /((?:^ {0,3}>.*\n?)+)/.source,
    list('[-*+•]'),
    list('\\d{1,9}[.)]'),
    `(.+(?:${NEXT})*)`,
  ].join('|'),
  'gm',
);

/**
 * @param {RegExpMatchArray} found
 * @param {(text: string) => Node[]} within
 * @returns {Node[]} one or none
 */
function toBlocks([, , code, heading, quote, bullets, numbers, paragraph], within) {
  if (code !== undefined) return [{ tag: 'pre', at: { tabindex: 0, dir: 'ltr' }, inside: [{ tag: 'code', inside: [code] }] }];
  if (heading) return [{ tag: 'p', at: { class: 'heading' }, inside: parseInline(heading) }];
  if (quote) return [{ tag: 'blockquote', inside: within(quote.replace(/^ {0,3}> ?/gm, '')) }];
  if (paragraph) return [{ tag: 'p', inside: parseInline(paragraph) }];
  const inside = (bullets ?? numbers ?? '').split(ITEM).filter(Boolean).map((item) => toItem(item, within));

  if (numbers) return [{ tag: 'ol', at: { start: parseInt(numbers) }, inside }];
  return bullets ? [{ tag: 'ul', inside }] : [];
}

/** @param {string} item @param {(text: string) => Node[]} within @returns {Node} */
function toItem(item, within) {
  const mark = item.search(/\S( |$)/m) + 2;

  return { tag: 'li', inside: within(item.slice(mark).replace(RegExp(`^ {1,${mark}}`, 'gm'), '')) };
}

/**
 * The small subset of Markdown that an answer may use, as data.  Knows no HTML, no image.
 *
 * @param {string} text complete or cut anywhere
 * @param {number} [depth]
 * @returns {Node[]}
 */
export function parseBlocks(text, depth = 0) {
  const lines = text.split(/\r\n?|\n/).map((line) => line.trimEnd());
  const within = (/** @type {string} */ inner) => (depth < DEPTH_MAX ? parseBlocks(inner, depth + 1) : parseInline(inner));

  return Array.from(lines.join('\n').matchAll(BLOCK), (found) => toBlocks(found, within)).flat();
}
