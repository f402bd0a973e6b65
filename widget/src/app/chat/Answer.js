import { asText } from './asText.js';
import { isBehind } from './isBehind.js';
import { Problem } from './Problem.js';
import { readSources } from './readSources.js';

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
    step(this, data);
    return true;
  }

  /** @param {Problem} problem @param {number} [retryAt] */
  fail(problem, retryAt = 0) {
    this.problem = problem;
    this.retryAt = retryAt;
    this.state = 'failed';
  }

  /**
   * The line is down.
   *
   * @param {Problem} problem
   * @param {number} retryAt
   * @param {boolean} online
   */
  lose(problem, retryAt, online) {
    this.problem = problem;
    this.retryAt = retryAt;
    this.state = online || this.answerId ? 'broken' : 'queued';
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

/** @type {Record<string, (answer: Answer, data: any) => void>} */
const STEPS = {
  accepted(answer, data) {
    answer.answerId = asText(data.answerId) || answer.answerId;
    answer.position = Number(data.position) || 0;
    answer.state = answer.text ? 'writing' : 'waiting';
  },
  start(answer, data) {
    if (data.attempt > 1) answer.restart();
    answer.position = 0;
    answer.state = 'waiting';
  },
  sources(answer, data) {
    answer.sources = readSources(data.items);
  },
  token(answer, data) {
    answer.text += asText(data.text);
    answer.tool = '';
    answer.state = 'writing';
  },
  tool(answer, data) {
    answer.tool = data.state === 'started' ? asText(data.name) : '';
  },
  done(answer, data) {
    if (typeof data.text === 'string') answer.text = data.text;
    answer.stopped = /^(cancelled|deadline)$/.test(asText(data.finishReason));
    answer.tool = '';
    answer.state = 'done';
  },
  error(answer, data) {
    answer.spent = true;
    answer.fail(Problem.read(data, { retryable: true }));
  },
};
