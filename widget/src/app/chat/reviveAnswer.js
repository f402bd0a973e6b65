import { newAnswer } from './newAnswer.js';

/** An answer of the record, where it was left. @param {import('./readRecord.js').Waiting} kept */
export function reviveAnswer({ question, messageId, answerId, lastId, text, sources }) {
  const entry = newAnswer(question, messageId);

  Object.assign(entry.answer, { answerId, lastId, text, sources, state: text ? 'writing' : answerId ? 'waiting' : 'queued' });
  return entry;
}
