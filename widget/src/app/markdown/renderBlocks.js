import { el } from '../view/el.js';

/**
 * @typedef {import('./parseInline.js').Node} Shown
 * @typedef {(n: number) => Node | null} MakeCite null: there is no such source
 */

/**
 * The outermost element finds its direction in its text; those inside follow it, or a list would
 * have its marks on the wrong side.
 *
 * @param {Shown} node
 * @param {MakeCite} cite
 * @param {'auto'} [dir]
 * @returns {Node | string}
 */
function render(node, cite, dir) {
  if (typeof node === 'string') return node;
  const { tag, at, inside } = node;

  if (tag === 'cite') return cite(at?.n) ?? String(inside);
  return el(tag, { dir, ...at }, ...inside.map((inner) => render(inner, cite)));
}

/**
 * Shows blocks in a container.  Blocks that did not change keep their elements, so that a growing
 * answer neither flickers nor loses what the visitor has selected.
 *
 * @param {HTMLElement} container holds nothing else
 * @param {Shown[]} blocks
 * @param {MakeCite} cite
 * @param {string[]} shown what the last call returned, [] at first
 * @returns {string[]}
 */
export function renderBlocks(container, blocks, cite, shown) {
  const wanted = blocks.map((block) => JSON.stringify(block));
  let same = 0;

  while (same < wanted.length && wanted[same] === shown[same]) same += 1;
  while (container.childNodes.length > same) container.lastChild?.remove();
  container.append(...blocks.slice(same).map((block) => render(block, cite, 'auto')));
  return wanted;
}
