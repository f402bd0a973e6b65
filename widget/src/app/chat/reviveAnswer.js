import { newAnswer } from './newAnswer.js';

/** An answer of the record, where it was left. @param {import('./readRecord.js').Waiting} kept */
export const reviveAnswer = ({ question, messageId, ...known }) =>
  newAnswer(question, messageId, { ...known, state: known.text ? 'writing' : known.answerId ? 'waiting' : 'queued' });
