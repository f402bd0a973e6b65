import { typed } from './typed.js';

/**
 * Why a request failed: the gateway's problem object, or the network.
 */
export class Problem extends Error {
  /** Stable name, "network" when no answer came at all. */
  code = '';
  /** HTTP status, 0 without an answer. */
  status = 0;
  /** The same request may succeed later. */
  retryable = false;
  /** The server's own wish. */
  retryAfterMs = 0;

  /** @param {{code: string} & Partial<Pick<Problem, "status" | "retryable" | "retryAfterMs">>} about */
  constructor(about) {
    super(about.code);
    Object.assign(this, about);
  }

  /** Whatever was thrown: what is no Problem comes from the line. @param {unknown} [error] */
  static of(error) {
    return error instanceof Problem ? error : new Problem({ code: 'network', retryable: true });
  }

  /**
   * @param {any} body what should be the gateway's problem object
   * @param {Partial<Pick<Problem, "code" | "status" | "retryable" | "retryAfterMs">>} [guess] where it says nothing
   */
  static read(body, guess) {
    const { retryAfter, ...said } = typed({ code: '', status: 0, retryable: false, retryAfter: 0, ...guess }, body);

    return new Problem({ retryAfterMs: retryAfter * 1000, ...said });
  }
}
