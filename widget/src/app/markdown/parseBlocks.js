import { parseInline } from './parseInline.js';

/**
 * @typedef {{kind: "paragraph" | "heading", inside: import('./parseInline.js').Inline[]}} Paragraph
 * @typedef {{kind: "code", text: string}} CodeBlock
 * @typedef {{kind: "quote", blocks: Block[]}} Quote
 * @typedef {{kind: "list", ordered: boolean, start: number, items: Block[][]}} List
 * @typedef {Paragraph | CodeBlock | Quote | List} Block
 *
 * @typedef {{block: Block | null, end: number}} Taken block null: nothing is shown
 * @typedef {(lines: string[], at: number, depth: number) => Taken | null} Rule
 */

const DEPTH_MAX = 4;

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+•]|(\d{1,9})[.)])( {1,4}|\t|$)/;

/** @param {string} line */
const isBlank = (line) => line.trim() === '';

/** @type {Rule} an open fence at the end is code, too: its end is still on the way */
function takeFence(lines, at) {
  const fence = FENCE.exec(lines[at])?.[1];

  if (!fence) return null;
  let end = at + 1;

  while (end < lines.length && !(lines[end].trim().startsWith(fence) && FENCE.test(lines[end]))) end += 1;
  return { block: { kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end: end + 1 };
}

/** @type {Rule} */
function takeHeading(lines, at) {
  const found = HEADING.exec(lines[at]);

  return found && { block: { kind: 'heading', inside: parseInline(found[1]) }, end: at + 1 };
}

/** @type {Rule} */
function takeRule(lines, at) {
  return RULE.test(lines[at]) ? { block: null, end: at + 1 } : null;
}

/** @type {Rule} */
function takeQuote(lines, at, depth) {
  if (depth >= DEPTH_MAX || !QUOTE.test(lines[at])) return null;
  let end = at;

  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));

  return { block: { kind: 'quote', blocks: parseLines(inside, depth + 1) }, end };
}

/**
 * One item: its first line without the mark, then what is indented or simply goes on.
 *
 * @param {string[]} lines
 * @param {number} at
 */
function itemLines(lines, at) {
  const width = /** @type {RegExpExecArray} */ (ITEM.exec(lines[at]))[0].length;
  const inside = [lines[at].slice(width)];
  let end = at + 1;

  for (; end < lines.length; end += 1) {
    const line = lines[end];
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    const afterBlank = isBlank(lines[end - 1]);

    if (isBlank(line) ? isBlank(lines[end + 1] ?? '') : indent < 2 && (afterBlank || startsBlock(line))) break;
    inside.push(line.slice(Math.min(indent, width)));
  }
  return { inside, end };
}

/** @type {Rule} */
function takeList(lines, at, depth) {
  const first = depth < DEPTH_MAX ? ITEM.exec(lines[at]) : null;

  if (!first) return null;
  const ordered = first[3] !== undefined;
  /** @type {Block[][]} */
  const items = [];
  let end = at;

  for (;;) {
    const mark = ITEM.exec(lines[end] ?? '');

    if (!mark || (mark[3] !== undefined) !== ordered) break;
    const item = itemLines(lines, end);

    items.push(parseLines(item.inside, depth + 1));
    end = item.end;
    if (isBlank(lines[end] ?? 'x') && ITEM.test(lines[end + 1] ?? '')) end += 1;
  }
  return { block: { kind: 'list', ordered, start: Number(first[3] ?? 1), items }, end };
}

/** @param {string} line whether it ends a paragraph that stands above it */
const startsBlock = (line) => [FENCE, HEADING, RULE, QUOTE, ITEM].some((rule) => rule.test(line));

/** @type {Rule} */
function takeParagraph(lines, at) {
  let end = at + 1;

  while (end < lines.length && !isBlank(lines[end]) && !startsBlock(lines[end])) end += 1;
  const text = lines.slice(at, end).map((line) => line.trim()).join('\n');

  return { block: { kind: 'paragraph', inside: parseInline(text) }, end };
}

/** @type {Rule[]} the first that takes the line wins; a paragraph takes any */
const RULES = [takeFence, takeHeading, takeRule, takeQuote, takeList, takeParagraph];

/** @param {string[]} lines @param {number} depth @returns {Block[]} */
function parseLines(lines, depth) {
  /** @type {Block[]} */
  const blocks = [];

  for (let at = 0; at < lines.length; ) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const taken = RULES.reduce((found, rule) => found ?? rule(lines, at, depth), /** @type {Taken | null} */ (null));

    if (taken?.block) blocks.push(taken.block);
    at = taken?.end ?? at + 1;
  }
  return blocks;
}

/**
 * The small subset of Markdown that an answer may use, as data.  Knows no HTML, no image.
 *
 * @param {string} text complete or cut anywhere
 * @returns {Block[]}
 */
export function parseBlocks(text) {
  return parseLines(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}
