import { Problem } from './Problem.js';
import { readRetryAfter } from './readRetryAfter.js';

/**
 * A refused response as a Problem.  Proxies in between answer without a problem object: then
 * the status alone tells whether to try again.
 *
 * @param {Response} response
 * @returns {Promise<Problem>}
 */
export async function readProblem(response) {
  const { status } = response;

  return Problem.read(await response.json().catch(() => null), {
    code: `http_${status}`,
    status,
    retryable: status === 429 || status >= 500,
    retryAfterMs: readRetryAfter(response.headers.get('retry-after'), Date.now()),
  });
}
