/**
 * Puts an answer that has not ended behind the history, with its question unless that is there.
 *
 * @param {import('./readHistory.js').Entry[]} entries changed
 * @param {import('./readHistory.js').AnswerEntry} entry
 */
export function placeAnswer(entries, entry) {
  const { answerId } = entry.answer;
  const tail = entries[entries.length - 1];

  if (tail?.kind !== 'question' || (tail.answerId && answerId ? tail.answerId !== answerId : tail.text !== entry.question))
    entries.push({ kind: 'question', answerId, text: entry.question });
  entries.push(entry);
}
