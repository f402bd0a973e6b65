import { parseJson } from './parseJson.js';
import { typed } from './typed.js';

/** More than a full queue and a long answer: what is longer is not ours. */
const RECORD_MAX = 2 ** 20;
/** Of sessions and messages. */
const NAME = /^[\w-]{1,128}$/;

/** A question whose answer has not ended: enough to go on after a reload. */
const WAITING = {
  question: '',
  messageId: '',
  /** "" until the server has accepted */
  answerId: '',
  lastId: '',
  /** all tokens up to lastId */
  text: '',
  /** @type {any[]} */
  sources: [],
};

const SAVED = {
  /** whose it is: the visitor, as the page names him */
  who: '',
  sessionId: '',
  /** the panel was open */
  open: false,
  /** @type {Waiting[]} the first is being answered, the others wait for their turn */
  queue: [],
  /** id of the answer that ended last, in whichever tab */
  last: '',
  /** @type {string[]} sessions that the server is still to forget */
  gone: [],
  /** the pre-chat form was sent */
  form: false,
  /** there are some */
  files: false,
  handoff: '',
};

/** @typedef {typeof WAITING} Waiting @typedef {typeof SAVED} Saved */

/** A text without its place in the stream is told anew. @param {Waiting} kept @returns {Waiting} */
function readWaiting(kept) {
  const item = typed(WAITING, kept);

  return /^\d+-\d+$/.test(item.lastId) ? item : { ...item, lastId: '', text: '', sources: [] };
}

/**
 * The record as it was kept, whatever became of it: what has another shape counts as absent.
 *
 * @param {string | null} text
 * @param {string} who
 * @returns {Saved | null} null: it is another's
 */
export function readRecord(text, who) {
  const found = text && text.length <= RECORD_MAX && parseJson(text);
  const kept = typed(SAVED, found);

  if (found && kept.who !== who) return null;
  return {
    ...kept,
    who,
    queue: kept.queue.map(readWaiting).filter(({ question, messageId }) => question && NAME.test(messageId)),
    sessionId: NAME.test(kept.sessionId) ? kept.sessionId : '',
    gone: kept.gone.filter((id) => NAME.test(id)),
  };
}
