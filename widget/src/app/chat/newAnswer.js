import { Answer } from './Answer.js';

/** @param {string} question @param {string} messageId @param {Partial<Answer>} [known] @returns {import('./readHistory.js').AnswerEntry} */
export const newAnswer = (question, messageId, known) => ({ kind: 'answer', question, messageId, answer: Object.assign(new Answer(), known) });
