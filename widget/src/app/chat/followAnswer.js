import { nextDelay } from './nextDelay.js';
import { pause } from './pause.js';
import { Problem } from './Problem.js';

const FAILURES_IN_A_ROW = 10;
const LONGEST_WISH_MS = 5 * 60 * 1000;

/**
 * @typedef {object} Follow
 * @property {Pick<import('./createServer.js').Server, "ask" | "join">} server
 * @property {import('./Answer.js').Answer} answer
 * @property {import('./createServer.js').Question} question the same messageId in every try: the
 *   server attaches a repeated question to its first answer
 * @property {(refused: string) => string} renew another session for one that the server does not know
 * @property {() => void} changed
 * @property {AbortSignal} signal ends the following, not the answer
 * @property {typeof pause} [wait]
 * @property {any} [world] the window, or what stands for one
 */

/**
 * Some refusals are about what we remembered, not about the question: drop it and ask anew.
 *
 * @param {Follow} follow
 * @param {Problem} problem
 * @param {Set<string>} dropped each thing is dropped once
 */
function dropStale({ answer, question, renew }, problem, dropped) {
  const what = answer.answerId ? 'answer' : 'session';

  if (problem.status !== 404 || dropped.has(what)) return false;
  dropped.add(what);
  if (what === 'answer') answer.forget();
  else question.sessionId = renew(question.sessionId);
  return true;
}

/**
 * Follows an answer to its end through whatever cuts the line: asks, reads, and joins again
 * behind the last event it has.  Returns when the answer has ended or the signal says so.
 *
 * @param {Follow} follow
 */
export async function followAnswer(follow) {
  const { server, answer, question, changed, signal, wait = pause, world = globalThis } = follow;
  /** @type {Set<string>} */
  const dropped = new Set();
  let tries = 0;
  // Those without a network do not count: they would fail a hundred times in a tunnel.
  let failures = 0;

  while (!signal.aborted && !answer.ended) {
    let problem = Problem.of(null);

    try {
      const { answerId, lastId } = answer;

      for await (const event of answerId ? server.join(answerId, lastId, signal, question.sessionId) : server.ask({ ...question }, signal)) {
        if (signal.aborted) return;
        if (answer.apply(event)) {
          tries = failures = 0;
          changed();
        }
        if (answer.ended) return;
      }
    } catch (error) {
      problem = Problem.of(error);
    }
    if (signal.aborted) return;
    if (dropStale(follow, problem, dropped)) continue;

    const { retryable, retryAfterMs } = problem;
    const delay = nextDelay((tries += 1), retryAfterMs);
    const online = world.navigator?.onLine !== false;

    if (online) failures += 1;
    answer.problem = problem;
    answer.retryAt = Date.now() + delay;
    answer.state =
      !retryable || retryAfterMs > LONGEST_WISH_MS || failures > FAILURES_IN_A_ROW ? 'failed' : online || answer.answerId ? 'broken' : 'queued';
    changed();
    if (!answer.ended) await wait(delay, signal, retryAfterMs ? null : world);
  }
}
