import { isBehind } from './isBehind.js';
import { Problem } from './Problem.js';
import { typed } from './typed.js';

/**
 * @typedef {object} Source
 * @property {number} n
 * @property {string} title
 * @property {string} snippet
 * @property {string} [url]
 * @property {number} [page]
 * @property {number} [row] of a table: the page is then its sheet
 *
 * @typedef {"queued" | "asking" | "waiting" | "writing" | "broken" | "done" | "failed"} State
 */

/**
 * One answer as the visitor sees it.
 *
 *   queued -> asking -> waiting -> writing -> done
 *      ^         |         |          |-----> failed
 *      |---------|         |----------|
 *      there is no network  `-> broken: the line is down, we are coming back
 *
 * Fed by apply(); events that were seen already change nothing, so the stream may be joined
 * anywhere, as often as one likes.
 */
export class Answer {
  /** @type {State} */
  state = 'queued';
  answerId = '';
  lastId = '';
  text = '';
  /** @type {Source[]} */
  sources = [];
  position = 0;
  tool = '';
  stopped = false;
  rating = '';
  /** @type {Problem | null} why it failed, or why we wait for another try */
  problem = null;
  /** Not before then is it tried again; Unix time in ms. */
  retryAt = 0;
  /** The failure came from the stream: this question's id is used up. */
  spent = false;

  get ended() {
    return this.state === 'done' || this.state === 'failed';
  }

  /**
   * @param {import('./readEvents.js').StreamEvent} event
   * @returns {boolean} whether anything is new
   */
  apply({ id, name, data }) {
    const step = STEPS[name];

    if (!step || this.ended || (id && !isBehind(id, this.lastId))) return false;
    if (id) this.lastId = id;
    this.problem = null;
    step(this, typed(SAID, data), data);
    return true;
  }

  /** The server knows nothing of it any more: as if never accepted. */
  forget() {
    this.answerId = '';
    this.restart();
    this.lastId = '';
  }

  restart() {
    this.text = '';
    this.sources = [];
    this.tool = '';
  }
}

/** Whatever an event says. */
const SAID = { answerId: '', position: 0, attempt: 0, items: [], text: '', state: '', name: '', finishReason: '' };

/** @type {Record<string, (answer: Answer, said: typeof SAID, data: any) => void>} */
const STEPS = {
  accepted(answer, { answerId, position }) {
    answer.answerId = answerId;
    answer.position = position;
    answer.state = answer.text ? 'writing' : 'waiting';
  },
  start(answer, { attempt }) {
    if (attempt > 1) answer.restart();
    answer.position = 0;
    answer.state = 'waiting';
  },
  sources(answer, { items }) {
    answer.sources = items;
  },
  token(answer, { text }) {
    answer.text += text;
    answer.tool = '';
    answer.state = 'writing';
  },
  tool(answer, { state, name }) {
    answer.tool = state === 'started' ? name : '';
  },
  done(answer, { text, finishReason }) {
    answer.text = text || answer.text;
    answer.stopped = /^(cancelled|deadline)$/.test(finishReason);
    answer.tool = '';
    answer.state = 'done';
  },
  error(answer, _, data) {
    answer.spent = true;
    answer.problem = Problem.read(data, { retryable: true });
    answer.state = 'failed';
  },
};
