/**
 * What somebody hears who does not see the mark-up.
 *
 * @param {import('../markdown/parseBlocks.js').Block[]} blocks
 */
export const plainText = (blocks) => blocks.map(wordsOf).join(' ');

/** @param {any} node a block or what stands inside one @returns {string} */
function wordsOf({ text = '', inside, blocks, items }) {
  return text + (inside ? inside.map(wordsOf).join('') : plainText(blocks ?? items?.flat() ?? []));
}
