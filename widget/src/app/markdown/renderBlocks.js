import { el } from '../view/el.js';

/**
 * @typedef {import('./parseInline.js').Inline} Inline
 * @typedef {import('./parseBlocks.js').Block} Block
 * @typedef {(n: number) => Node | null} MakeCite null: there is no such source
 */

/** @param {Inline} node @param {MakeCite} cite @returns {Node} */
function renderInline(node, cite) {
  switch (node.kind) {
    case 'text':
      return document.createTextNode(node.text);
    case 'code':
      return el('code', {}, node.text);
    case 'cite':
      return cite(node.n) ?? document.createTextNode(`[${node.n}]`);
    case 'link':
      return el(
        'a',
        { href: node.href, target: '_blank', rel: 'noopener nofollow ugc' },
        ...node.inside.map((inner) => renderInline(inner, cite)),
      );
    default:
      return el(node.kind, {}, ...node.inside.map((inner) => renderInline(inner, cite)));
  }
}

/** @param {Block} block @param {MakeCite} cite @returns {HTMLElement} */
function renderBlock(block, cite) {
  switch (block.kind) {
    case 'code':
      return el('pre', { tabindex: 0, dir: 'ltr' }, el('code', {}, block.text));
    case 'quote':
      return el('blockquote', { dir: 'auto' }, ...block.blocks.map((inner) => renderBlock(inner, cite)));
    case 'list':
      return el(
        block.ordered ? 'ol' : 'ul',
        { dir: 'auto', start: block.ordered && block.start !== 1 && block.start },
        ...block.items.map((item) => el('li', { dir: 'auto' }, ...item.map((inner) => renderBlock(inner, cite)))),
      );
    default:
      return el('p', { dir: 'auto', class: block.kind === 'heading' && 'heading' }, ...block.inside.map((i) => renderInline(i, cite)));
  }
}

/**
 * Shows blocks in a container.  Blocks that did not change keep their elements, so that a growing
 * answer neither flickers nor loses what the visitor has selected.
 *
 * @param {HTMLElement} container holds nothing else
 * @param {Block[]} blocks
 * @param {MakeCite} cite
 * @param {string[]} shown what the last call returned, [] at first
 * @returns {string[]}
 */
export function renderBlocks(container, blocks, cite, shown) {
  const wanted = blocks.map((block) => JSON.stringify(block));
  let same = 0;

  while (same < wanted.length && wanted[same] === shown[same]) same += 1;
  while (container.childNodes.length > same) container.lastChild?.remove();
  container.append(...blocks.slice(same).map((block) => renderBlock(block, cite)));
  return wanted;
}
