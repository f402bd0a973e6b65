import { Answer } from './Answer.js';

/** @param {string} question @param {string} messageId @returns {import('./readHistory.js').AnswerEntry} */
export const newAnswer = (question, messageId) => ({ kind: 'answer', question, messageId, answer: new Answer() });
