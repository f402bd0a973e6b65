import { parseBlocks } from '../markdown/parseBlocks.js';
import { el } from './el.js';
import { plainText } from './plainText.js';

/** All sentences that are whole, and the space behind them: what follows may belong to the last. */
const SENTENCES = /^[\s\S]*(?:[.!?…؟:](?=\s)|[。！？\n])/;
/** Older ones have been said. */
const KEPT = 20;

/**
 * The live region: says to screen readers what others see happen.  Of an answer it says each
 * sentence as soon as it is whole, not every token.
 */
export function createAnnouncer() {
  const element = el('div', { class: 'unseen', role: 'status', 'aria-atomic': 'false' });
  /** @type {import('../chat/Answer.js').Answer | null} */
  let current = null;
  let said = 0;

  /** @param {string} words */
  function say(words) {
    element.append(el('p', {}, words));
    if (element.childElementCount > KEPT) element.firstChild?.remove();
  }

  return {
    element,
    say,

    /**
     * @param {import('../chat/Answer.js').Answer} answer that has grown or ended
     * @param {string} coming said when one begins
     */
    follow(answer, coming) {
      if (answer !== current) say(coming);
      if (answer !== current || answer.text.length < said) said = 0;
      current = answer;
      const rest = answer.text.slice(said);
      const whole = answer.state === 'done' ? rest : (SENTENCES.exec(rest)?.[0] ?? '');
      const words = plainText(parseBlocks(whole));

      said += whole.length;
      if (words) say(words);
    },
  };
}
