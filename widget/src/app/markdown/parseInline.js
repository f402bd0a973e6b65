import { safeLink } from './safeLink.js';

/**
 * @typedef {{kind: "text", text: string}} Text
 * @typedef {{kind: "code", text: string}} Code
 * @typedef {{kind: "cite", n: number}} Cite
 * @typedef {{kind: "strong" | "em", inside: Inline[]}} Styled
 * @typedef {{kind: "link", href: string, inside: Inline[]}} Link
 * @typedef {Text | Code | Cite | Styled | Link} Inline
 *
 * @typedef {{node: Inline | null, end: number}} Match node null: nothing is shown
 */

const DEPTH_MAX = 6;

const CODE = /(`{1,8})(?!`)([\s\S]{1,4000}?)(?<!`)\1(?!`)/y;
const ESCAPE = /\\([!-/:-@[-`{-~])/y;
const IMAGE = /!\[([^\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s+"[^"\n]{0,500}")?\)/y;
const LINK = /\[([^\]\n]{1,500})\]\(\s{0,3}<?([^()\s<>]{0,1000}(?:\([^()\s]{0,500}\)[^()\s]{0,500})?)>?(?:\s+"[^"\n]{0,500}")?\s{0,3}\)/y;
const CITE = /\[(\d{1,3})\](?![(:])/y;
const ADDRESS = /<?(https?:\/\/[^\s<>"'`*\])]{1,2000}[^\s<>"'`*\]).,;:!?])>?/iy;
const STRONG = /(\*\*|__)(?=\S)([\s\S]{0,4000}?\S)\1/y;
const EM = /(\*|_)(?=[^\s*_])([\s\S]{0,4000}?[^\s*_])\1(?!\1)/y;

/** @param {RegExp} rule @param {string} text @param {number} at */
function matchAt(rule, text, at) {
  rule.lastIndex = at;
  return rule.exec(text);
}

/** @param {string} text @param {number} at whether a letter or digit stands at this place */
const isWord = (text, at) => /[\p{L}\p{N}]/u.test(text[at] ?? '');

/**
 * Emphasis by underscores begins and ends at the edge of a word, or snake_case_names suffer.
 *
 * @param {"strong" | "em"} kind
 * @param {RegExp} rule
 * @returns {(text: string, at: number, depth: number) => Match | null}
 */
function styled(kind, rule) {
  return (text, at, depth) => {
    const found = matchAt(rule, text, at);
    const end = at + (found?.[0].length ?? 0);

    if (!found || (found[1][0] === '_' && (isWord(text, at - 1) || isWord(text, end)))) return null;
    return { node: { kind, inside: parseInline(found[2], depth + 1) }, end };
  };
}

/** @type {Record<string, ((text: string, at: number, depth: number) => Match | null)[]>} */
const RULES = {
  '`': [take(CODE, (m) => ({ kind: 'code', text: m[2].replace(/^ (.*) $/s, '$1') }))],
  '\\': [take(ESCAPE, (m) => ({ kind: 'text', text: m[1] }))],
  '!': [take(IMAGE, (m) => (m[1] ? { kind: 'text', text: m[1] } : null))],
  '[': [takeLink, take(CITE, (m) => ({ kind: 'cite', n: Number(m[1]) }))],
  '*': [styled('strong', STRONG), styled('em', EM)],
  _: [styled('strong', STRONG), styled('em', EM)],
  h: [takeAddress],
  H: [takeAddress],
  '<': [takeAddress],
};

/**
 * @param {RegExp} rule
 * @param {(found: RegExpExecArray) => Inline | null} make
 * @returns {(text: string, at: number) => Match | null}
 */
function take(rule, make) {
  return (text, at) => {
    const found = matchAt(rule, text, at);

    return found && { node: make(found), end: at + found[0].length };
  };
}

/** @param {string} text @param {number} at @param {number} depth @returns {Match | null} */
function takeLink(text, at, depth) {
  const found = matchAt(LINK, text, at);

  if (!found) return null;
  const href = safeLink(found[2]);
  const end = at + found[0].length;

  if (!href) return { node: { kind: 'text', text: found[1] }, end };
  return { node: { kind: 'link', href, inside: withoutLinks(parseInline(found[1], depth + 1)) }, end };
}

/** @param {string} text @param {number} at @returns {Match | null} */
function takeAddress(text, at) {
  if (isWord(text, at - 1)) return null;
  const found = matchAt(ADDRESS, text, at);
  const href = found && safeLink(found[1]);

  if (!found || !href) return null;
  return { node: { kind: 'link', href, inside: [{ kind: 'text', text: found[1] }] }, end: at + found[0].length };
}

/** A link inside a link is only its words. @param {Inline[]} nodes @returns {Inline[]} */
function withoutLinks(nodes) {
  return nodes.flatMap((node) => (node.kind === 'link' ? withoutLinks(node.inside) : [node]));
}

/** @param {Inline[]} nodes @param {string} text */
function pushText(nodes, text) {
  const last = nodes[nodes.length - 1];

  if (last?.kind === 'text') last.text += text;
  else if (text) nodes.push({ kind: 'text', text });
}

/**
 * What stands inside a paragraph.  Whatever is no mark-up of the small subset is plain text,
 * HTML included; images become their alternative text.
 *
 * @param {string} text
 * @param {number} [depth]
 * @returns {Inline[]}
 */
export function parseInline(text, depth = 0) {
  /** @type {Inline[]} */
  const nodes = [];
  let plain = 0;

  for (let at = 0; at < text.length; ) {
    const rules = depth < DEPTH_MAX ? RULES[text[at]] : undefined;
    const match = rules?.reduce((found, rule) => found ?? rule(text, at, depth), /** @type {Match | null} */ (null));

    if (!match) {
      at += 1;
      continue;
    }
    pushText(nodes, text.slice(plain, at));
    if (match.node?.kind === 'text') pushText(nodes, match.node.text);
    else if (match.node) nodes.push(match.node);
    at = match.end;
    plain = at;
  }
  pushText(nodes, text.slice(plain));
  return nodes;
}
