import { asText } from './asText.js';
import { parseJson } from './parseJson.js';
import { readSources } from './readSources.js';

/** More than a full queue and a long answer: what is longer is not ours. */
const RECORD_MAX = 2 ** 20;
const NAME = /^[\w-]{1,128}$/;
const EVENT_ID = /^\d+-\d+$/;

/**
 * @typedef {object} Waiting a question whose answer has not ended: enough to go on after a reload
 * @property {string} question
 * @property {string} messageId
 * @property {string} answerId "" until the server has accepted
 * @property {string} lastId
 * @property {string} text all tokens up to lastId
 * @property {any[]} sources
 *
 * @typedef {object} Saved
 * @property {string} who whose it is
 * @property {string} sessionId
 * @property {boolean} open the panel was open
 * @property {Waiting[]} queue the first is being answered, the others wait for their turn
 * @property {string} last id of the answer that ended last, in whichever tab
 * @property {string[]} gone sessions that the server is still to forget
 * @property {boolean} form the pre-chat form was sent
 * @property {boolean} files there are some
 * @property {string} handoff
 */

/** @param {unknown} value */
const asList = (value) => (Array.isArray(value) ? value : []);

/** @param {unknown} value */
const asName = (value) => (NAME.test(asText(value)) ? asText(value) : '');

/** @param {any} item @returns {Waiting[]} none or one */
function readWaiting(item) {
  const [question, messageId, lastId] = [asText(item?.question), asName(item?.messageId), asText(item?.lastId)];
  const known = EVENT_ID.test(lastId)
    ? { lastId, text: asText(item.text), sources: readSources(item.sources) }
    : { lastId: '', text: '', sources: [] };

  return question && messageId ? [{ question, messageId, answerId: asName(item.answerId), ...known }] : [];
}

/**
 * The record as it was kept, whatever became of it: what has another shape counts as absent.
 *
 * @param {string | null} text
 * @param {string} who the visitor, as the page names him
 * @returns {Saved | null} null: it is another's
 */
export function readRecord(text, who) {
  const found = text && text.length <= RECORD_MAX && parseJson(text);
  const kept = found || {};

  if (found && (kept.who ?? '') !== who) return null;
  return {
    who,
    sessionId: asName(kept.sessionId),
    open: kept.open === true,
    // "running" is what the record had before there was a queue.
    queue: asList(kept.queue ?? [kept.running]).flatMap(readWaiting),
    last: asText(kept.last),
    gone: asList(kept.gone).map(asName).filter(Boolean),
    form: kept.form === true,
    files: kept.files === true,
    handoff: asText(kept.handoff),
  };
}
