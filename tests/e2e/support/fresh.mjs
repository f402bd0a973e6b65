import { randomBytes } from 'node:crypto';

/** A question that nobody has asked yet: no cache knows its answer. @param {string} question */
export const fresh = (question) => `${question} (${randomBytes(4).toString('hex')})`;
