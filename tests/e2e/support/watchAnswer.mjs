import assert from 'node:assert/strict';
import { placeOf } from './createLedger.mjs';

/** Fewer texts than these mean that we did not look. */
const LEAST_SEEN = 4;
/** A page that has begun anew. */
const BEGUN = null;

/**
 * In every window of every page: tells each text that answers show, as soon as it stands there.
 * Several answers are told as one text, which is none of those that may be seen.
 */
function tellTexts() {
  let last = '';
  const look = () => {
    const text = [...window.told.root().querySelectorAll('.entries .words')].map((words) => words.textContent).join('|');

    if (text === last) return;
    last = text;
    window.tellShown(text);
  };
  const begin = () => {
    const root = window.told.root();

    if (!root.querySelector('.entries')) return void requestAnimationFrame(begin);
    look();
    new MutationObserver(look).observe(root, { subtree: true, childList: true, characterData: true });
  };

  if (window === window.top) window.tellShown(null);
  begin();
}

/** White space is the business of the style. @param {string} text */
const pressed = (text) => text.replace(/\s+/g, '');

/**
 * Watches what answers show from the first moment of a page on, through reloads.
 *
 * @param {import('playwright-core').Page} page that has not gone anywhere yet
 */
export async function watchAnswer(page) {
  /** @type {(string | null)[]} */
  const shown = [];

  await page.exposeBinding('tellShown', (_, text) => {
    shown.push(text);
  });
  await page.addInitScript(tellTexts);

  return {
    /** @returns {number} words that are seen now; the last may be half a one */
    countWords: () => (shown[shown.length - 1] ?? '').split(/\s+/).filter(Boolean).length,

    /**
     * Nothing was ever seen but a beginning of the answer, and it grew.
     *
     * @param {string} expected the whole answer
     * @param {Set<number>} attempts that may have cleared it
     */
    assertGrew(expected, attempts) {
      const whole = pressed(expected);
      let before = '';
      let shorter = 0;

      for (const text of shown) {
        const now = text === BEGUN ? '' : pressed(text);

        assert.ok(whole.startsWith(now), `this was seen: "${text?.slice(-60)}" (${now.length} of ${whole.length} characters), behind ${before.length} characters`);
        if (text !== BEGUN && now.length < before.length) shorter += 1;
        before = now;
      }
      assert.ok(new Set(shown).size >= LEAST_SEEN, `only ${new Set(shown).size} texts were seen`);
      assert.equal(before, whole, 'the last text that was seen');
      assert.ok(shorter <= attempts.size, `the text became shorter ${shorter} times, in ${attempts.size} new attempts`);
    },
  };
}

/**
 * Every time the line was joined behind the last event that it had brought to the page: not behind
 * what it had delivered, and not before what was already seen.  (What a line has delivered when it
 * breaks may still be lost within the browser.)
 *
 * @param {import('./createLedger.mjs').Join[]} joins
 * @param {number} head events before the first word, each word is one event
 */
export function assertJoins(joins, head) {
  for (const [i, { after, delivered, attempts, shown }] of joins.entries()) {
    const words = Number(after.split('-')[1] ?? 0) - head;
    const told = `join ${i + 1} asked for what comes after "${after}": "${delivered}" was delivered, ${shown} words were seen`;

    assert.ok(placeOf(after) <= placeOf(delivered), told);
    // Another attempt may have been told of before its text was drawn.
    assert.ok(attempts > 0 || words >= shown, told);
  }
}
