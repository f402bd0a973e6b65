import { Problem } from './Problem.js';
import { nextDelay } from './nextDelay.js';
import { pause } from './pause.js';
import { readEvents } from './readEvents.js';

const FAILURES_IN_A_ROW = 10;
const LONGEST_WISH_MS = 5 * 60 * 1000;

/**
 * @typedef {object} Follow
 * @property {Pick<import('./createServer.js').Server, "ask" | "join">} server
 * @property {import('./Answer.js').Answer} answer
 * @property {import('./createServer.js').Question} question the same messageId in every try: the
 *   server attaches a repeated question to its first answer
 * @property {() => void} changed
 * @property {AbortSignal} signal ends the following, not the answer
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} [wait]
 * @property {() => boolean} [online]
 */

/** @param {Follow} follow */
function connect({ server, answer, question, signal }) {
  return answer.answerId ? server.join(answer.answerId, answer.lastId, signal) : server.ask(question, signal);
}

/**
 * Some refusals are about what we remembered, not about the question: drop it and ask anew.
 *
 * @param {Follow} follow
 * @param {Problem} problem
 * @param {Set<string>} dropped each thing is dropped once
 */
function dropStale({ answer, question }, problem, dropped) {
  const what = problem.status !== 404 ? '' : answer.answerId ? 'answer' : question.sessionId ? 'session' : '';

  if (!what || dropped.has(what)) return false;
  dropped.add(what);
  if (what === 'answer') answer.forget();
  else delete question.sessionId;
  return true;
}

/** @param {unknown} error */
const asProblem = (error) => (error instanceof Problem ? error : new Problem({ code: 'network', retryable: true }));

/**
 * Follows an answer to its end through whatever cuts the line: asks, reads, and joins again
 * behind the last event it has.  Returns when the answer has ended or the signal says so.
 *
 * @param {Follow} follow
 */
export async function followAnswer(follow) {
  const { answer, changed, signal, wait = pause, online = () => globalThis.navigator?.onLine !== false } = follow;
  /** @type {Set<string>} */
  const dropped = new Set();
  let failures = 0;

  while (!signal.aborted && !answer.ended) {
    let problem = new Problem({ code: 'network', retryable: true });

    try {
      for await (const event of readEvents(await connect(follow))) {
        if (signal.aborted) return;
        if (answer.apply(event)) {
          failures = 0;
          changed();
        }
        if (answer.ended) return;
      }
    } catch (error) {
      problem = asProblem(error);
    }
    if (signal.aborted) return;
    if (dropStale(follow, problem, dropped)) continue;

    if (online()) failures += 1;
    if (!problem.retryable || problem.retryAfterMs > LONGEST_WISH_MS || failures > FAILURES_IN_A_ROW)
      answer.fail(problem);
    else answer.lose(problem);
    changed();
    if (!answer.ended) await wait(nextDelay(Math.max(1, failures), problem.retryAfterMs), signal);
  }
}
