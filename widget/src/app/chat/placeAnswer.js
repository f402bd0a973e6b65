/**
 * Puts an answer that has not ended behind the history, with its question unless it is there.
 *
 * @param {import('./readHistory.js').Entry[]} entries changed
 * @param {import('./readHistory.js').AnswerEntry} entry
 * @returns {boolean} false: the history has it
 */
export function placeAnswer(entries, entry) {
  const { answerId } = entry.answer;

  if (answerId && entries.some((e) => e.kind === 'answer' && e.answer.answerId === answerId)) return false;
  const tail = entries[entries.length - 1];
  const same = tail?.kind === 'question' && (tail.answerId && answerId ? tail.answerId === answerId : tail.text === entry.question);

  if (!same) entries.push({ kind: 'question', answerId, text: entry.question });
  entries.push(entry);
  return true;
}
