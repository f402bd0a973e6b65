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

/**
 * The outermost element finds its direction in its text; those inside follow it, or a list would
 * have its marks on the wrong side.
 *
 * @param {Block} block
 * @param {MakeCite} cite
 * @param {'auto' | ''} dir
 * @returns {HTMLElement}
 */
function renderBlock(block, cite, dir) {
  const within = (/** @type {Block} */ inner) => renderBlock(inner, cite, '');

  switch (block.kind) {
    case 'code':
      return el('pre', { tabindex: 0, dir: 'ltr' }, el('code', {}, block.text));
    case 'quote':
      return el('blockquote', { dir }, ...block.blocks.map(within));
    case 'list':
      return el(
        block.ordered ? 'ol' : 'ul',
        { dir, start: block.ordered && block.start !== 1 && block.start },
        ...block.items.map((item) => el('li', {}, ...item.map(within))),
      );
    default:
      return el(
        'p',
        { dir, class: block.kind === 'heading' && 'heading' },
        ...block.inside.map((inner) => renderInline(inner, cite)),
      );
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
  container.append(...blocks.slice(same).map((block) => renderBlock(block, cite, 'auto')));
  return wanted;
}
