/**
 * What somebody hears who does not see the mark-up.
 *
 * @param {import('../markdown/parseInline.js').Node[]} nodes
 */
export const plainText = (nodes) => nodes.map(wordsOf).join('').trim();

/** @param {import('../markdown/parseInline.js').Node} node @returns {string} */
function wordsOf(node) {
  if (typeof node === 'string') return node;
  return node.tag === 'cite' ? '' : node.inside.map(wordsOf).join('') + (node.tag[0] === 'p' ? ' ' : '');
}
