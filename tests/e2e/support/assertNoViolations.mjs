import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** In the window: what axe finds, and how much of the widget it has seen. */
async function lookAt({ values, framed }) {
  const inside = (/** @type {any} */ node) => {
    const target = node.target[0];
    const element = Array.isArray(target) ? target.reduce((root, path) => (root.shadowRoot ?? root).querySelector(path), document) : document.querySelector(target);

    return Boolean(element?.closest('.widget'));
  };
  // A frame is no page: its first heading and its main part are the page's.
  const rules = framed ? { 'page-has-heading-one': { enabled: false }, 'landmark-one-main': { enabled: false } } : {};
  const { violations, passes } = await window.axe.run(document, { runOnly: { type: 'tag', values }, rules, iframes: false });

  return {
    inside: passes.flatMap((/** @type {any} */ rule) => rule.nodes).filter(inside).length,
    violations: violations.flatMap((/** @type {any} */ rule) => rule.nodes.map((/** @type {any} */ node) => `${rule.id}: ${node.target} ${node.failureSummary}`)),
  };
}

/** Axe finds nothing, neither in the widget nor in the page around it. @param {any} chat @param {string} where */
export async function assertNoViolations(chat, where) {
  let inside = 0;

  for (const frame of new Set([chat.page.mainFrame(), chat.frame()])) {
    await frame.evaluate(AXE);
    const found = await frame.evaluate(lookAt, { values: RULES, framed: frame !== chat.page.mainFrame() });

    inside += found.inside;
    assert.equal(found.violations.length, 0, `${where}: ${found.violations.join('\n')}`);
  }
  assert.ok(inside > 0, `${where}: axe did not see the inside of the widget`);
}
