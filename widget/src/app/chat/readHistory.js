import { Answer } from './Answer.js';
import { asText } from './asText.js';
import { readSources } from './readSources.js';

/**
 * @typedef {{kind: "question", answerId: string, text: string}} QuestionEntry
 * @typedef {{kind: "answer", question: string, messageId: string, answer: Answer}} AnswerEntry
 * @typedef {QuestionEntry | AnswerEntry} Entry
 */

/** @param {any} item @param {string} question @returns {AnswerEntry} */
function answerOf(item, question) {
  const answer = new Answer();

  answer.answerId = asText(item.answerId);
  answer.text = asText(item.text);
  answer.sources = readSources(item.sources);
  answer.rating = asText(item.rating);
  answer.stopped = item.state === 'cancelled';
  answer.state = 'done';
  return { kind: 'answer', question, messageId: '', answer };
}

/**
 * The history route's messages as entries, oldest first.
 *
 * @param {any} body
 * @returns {Entry[]}
 */
export function readHistory(body) {
  /** @type {Entry[]} */
  const entries = [];
  let question = '';

  for (const item of Array.isArray(body?.items) ? body.items : []) {
    if (item.role === 'user') {
      question = asText(item.text);
      entries.push({ kind: 'question', answerId: asText(item.answerId), text: question });
    } else if (item.role === 'assistant') entries.push(answerOf(item, question));
  }
  return entries;
}
