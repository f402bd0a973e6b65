import { createHash } from 'node:crypto';

/**
 * What the scripted model says to a question, made here from its rule (worker/llm/scripted.c) and
 * from nothing that came over the line.
 *
 * @param {string} question
 * @param {number} length in tokens
 */
export function scriptedText(question, length) {
  const sum = createHash('sha256').update(question).digest('hex').slice(0, 16);
  const rest = Array.from({ length: length - 1 }, (_, i) => ((i + 1) % 10 ? ` ${i + 1}` : ` ${i + 1}\u00fc\u6f22\u{1f600}`));

  return sum + rest.join('');
}
