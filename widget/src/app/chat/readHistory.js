import { newAnswer } from './newAnswer.js';
import { typed } from './typed.js';

const ITEM = { role: '', answerId: '', text: '', rating: '', state: '', sources: [] };

/**
 * @typedef {{kind: "question", answerId: string, text: string}} QuestionEntry
 * @typedef {{kind: "answer", question: string, messageId: string, answer: import('./Answer.js').Answer}} AnswerEntry
 * @typedef {QuestionEntry | AnswerEntry} Entry
 */

/**
 * The history route's messages as entries, oldest first.
 *
 * @param {any} body
 * @returns {Entry[]}
 */
export function readHistory(body) {
  let question = '';

  return body.items.map((/** @type {any} */ item) => {
    const { role, state, ...said } = typed(ITEM, item);

    if (role === 'assistant') return newAnswer(question, '', { ...said, stopped: state === 'cancelled', state: 'done' });
    question = said.text;
    return { kind: 'question', answerId: said.answerId, text: question };
  });
}
