/**
 * Nodes as they would be written in HTML, to be compared with.
 *
 * @param {import('../parseInline.js').Node[]} nodes
 * @returns {string}
 */
export const asMarkup = (nodes) => nodes.map(write).join('');

/** @param {import('../parseInline.js').Node} node */
function write(node) {
  if (typeof node === 'string') return node.replace(/</g, '&lt;');
  const { href, class: named, start, n } = node.at ?? {};
  const said = Object.entries({ href, class: named, start, n }).filter(([, value]) => value !== undefined);

  return `<${[node.tag, ...said.map(([name, value]) => `${name}="${value}"`)].join(' ')}>${asMarkup(node.inside)}</${node.tag}>`;
}
