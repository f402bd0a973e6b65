import { safeLink } from './safeLink.js';

/**
 * What is shown: words, or an element with what stands inside it.  The tag "cite" is the number
 * of a source.
 *
 * @typedef {string | {tag: keyof HTMLElementTagNameMap, at?: Record<string, any>, inside: Node[]}} Node
 */

const DEPTH_MAX = 6;

/**
 * The marks, the first that fits wins; toNode() has their groups in this order.  All are bounded:
 * a hostile text shall not cost the square of its length.  Emphasis by underscores begins and ends
 * at the edge of a word, or snake_case_names suffer.
 */
const MARK = RegExp(
  [
    /(?<!`)(`+)(?!`)([^]{1,4000}?)(?<!`)\1(?!`)/,
    /\\([!-/:-@[-`{-~])/,
    /!?\[([^\]\n]{0,500})\]\(<?((?:[^()\s<>]|\([^()\s]{0,500}\)){0,1000})>?(?: "[^"\n]{0,500}")?\)/,
    /\[(\d{1,3})\](?![(:])/,
    /<?\b(https?:\/\/[^\s<>"'`*\])]{1,2000}(?<![.,;:!?]))>?/,
    /\*\*(?=\S)([^]{0,4000}?\S)\*\*(?!\*)/,
    /\b__(?=\S)([^]{0,4000}?\S)__\b/,
    /\*(?=[^\s*])([^]{0,4000}?[^\s*])\*(?!\*)/,
    /\b_(?=[^\s_])([^]{0,4000}?[^\s_])_\b/,
  ]
    .map((rule) => rule.source)
    .join('|'),
  'gi',
);

/**
 * @param {RegExpMatchArray} found
 * @param {number} depth
 * @param {boolean} linked
 * @returns {Node}
 */
function toNode([all, , code, sign, label, address, n, bare, starred, strong = starred, star, em = star], depth, linked) {
  const within = (/** @type {string} */ text) => parseInline(text, depth + 1, linked || label !== undefined);

  if (code) return { tag: 'code', inside: [code.trim()] };
  if (n) return { tag: 'cite', at: { n: Number(n) }, inside: [all] };
  if (strong) return { tag: 'strong', inside: within(strong) };
  if (em) return { tag: 'em', inside: within(em) };
  const href = all[0] !== '!' && !linked && safeLink(address ?? bare);

  if (href) return { tag: 'a', at: { href, target: '_blank', rel: 'noopener nofollow ugc' }, inside: bare ? [bare] : within(label) };
  return sign ?? label ?? all;
}

/**
 * What stands inside a paragraph.  Whatever is no mark-up of the small subset is plain text,
 * HTML included; images become their alternative text.
 *
 * @param {string} text
 * @param {number} [depth]
 * @param {boolean} [linked] inside a link, where another is only its words
 * @returns {Node[]}
 */
export function parseInline(text, depth = 0, linked = false) {
  /** @type {Node[]} */
  const nodes = [];
  let end = 0;

  for (const found of depth < DEPTH_MAX ? text.matchAll(MARK) : []) {
    nodes.push(text.slice(end, found.index), toNode(found, depth, linked));
    end = Number(found.index) + found[0].length;
  }
  return [...nodes, text.slice(end)].filter(Boolean);
}
